import type { Catalogue } from '../message';

export const personal = {
  'door.signIn.title': 'Welcome back',
  'door.signIn.words': 'Find and restore your files.',
  'door.refused.declined':
    'You were not signed in, as the other side was not given your consent. Nothing has happened: try again whenever you like.',
  'door.refused.settings':
    'The provider does not know this server: the client id or secret that was set here is wrong. Ask your administrator to correct it under “Sign-in providers”.',
  'door.refused.late':
    'That sign-in took too long, or was begun in another browser. Begin it again from this page.',
  'door.refused.nothing':
    'You were recognized, but none of your groups may sign in here. Ask your administrator to add you to one.',
  'door.refused.taken':
    'Somebody with your e-mail address is known here already. Sign in with your password, or ask your administrator to tie the two together.',
  'door.refused.gone': 'There is no such way to sign in any more. Choose another one.',
  'door.refused.away':
    'The provider does not answer as it should. Try again in a few minutes, or sign in with a password.',
  'door.refused.refused': 'The provider did not let you in. Try again, or ask your administrator.',
  'door.otherOrg': 'My organization is not listed',
  'door.link.used': 'This link does not work any more: it was used, or has expired. Ask for another one.',
  'door.name': 'Your name',
  'door.newPassword': 'New password',
  'door.newPassword.hint': {
    one: 'At least {n} character.',
    other: 'At least {n} characters. A sentence is easy to remember.',
  },
  'door.setUp.title': 'Set up Bygone',
  'door.setUp.words': 'You will run this installation: make organizations, and give each its administrator.',
  'door.setUp.action': 'Begin',
  'door.setUp.noToken': 'Open the link that the server printed at its first start: it ends with a long code.',
  'door.password.title': 'Choose a password',
  'door.password.words': 'You are signed out everywhere else when you do.',
  'door.password.done': 'Your password is set. Sign in with it.',
  'door.password.noToken': 'This link is not whole. Ask whoever gave it to you for another one.',
  'letIn.title': 'Let a program in',
  'letIn.words': 'A program on one of your machines shows a code. Type it here.',
  'letIn.code': 'Code',
  'letIn.look': 'Continue',
  'letIn.unknown': 'No program waits with this code. It may have expired: begin again in the program.',
  'letIn.program': 'Program',
  'letIn.from': 'Asked from',
  'letIn.from.unknown': 'An unknown address',
  'letIn.asked': 'Asked',
  'letIn.as': 'Acts as',
  'letIn.may': 'It may see, download and restore the files that you may, for 90 days or until you end it.',
  'letIn.warning':
    'Only allow this if you started the program yourself, just now. Nobody from support needs such a code.',
  'letIn.allow': 'Let it in',
  'letIn.refuse': 'Refuse',
  'letIn.allowed': 'The program is signed in. You can close this page.',
  'letIn.refused': 'The program was refused.',
  'letIn.tokens': 'What acts for you: your tokens',
  'letIn.another': 'Another code',
  'mount.system': 'Operating system',
  'mount.system.linux': 'Linux',
  'mount.system.macos': 'macOS',
  'mount.system.windows': 'Windows',
  'mount.program': 'With the program',
  'mount.program.words': 'Fast, and with every snapshot as a folder. Sign in once, then mount:',
  'mount.program.windows':
    'Fast, and with every snapshot as a folder. WinFsp has to be installed. Sign in once, then mount:',
  'mount.signIn': 'Sign in',
  'mount.dav': 'Without installing anything (WebDAV)',
  'mount.dav.words': 'The name can be anything. The password is one you make in the settings, under drives.',
  'mount.dav.macos': 'In Finder choose “Connect to Server” in the menu “Go”, and enter this address:',
  'mount.dav.address': 'Address',
} as const satisfies Catalogue;
