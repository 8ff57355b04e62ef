import type { Catalogue } from '../../message';

/** Kinds of things, and what is done to them, as the server's table of rights and the audit log name them. */
export const rights = {
  'noun.installation': 'Installation',
  'noun.organization': 'Organizations',
  'noun.user': 'Users',
  'noun.identity': 'Sign-in providers',
  'noun.session': 'Sessions',
  'noun.API token': 'API tokens',
  'noun.repository': 'Repositories',
  'noun.storage credential': 'Storage credentials',
  'noun.gateway credential': 'Gateway credentials',
  'noun.agent': 'Agents',
  'noun.enrolment token': 'Enrolment tokens',
  'noun.certificate': 'Certificates',
  'noun.source': 'Sources',
  'noun.plan': 'Plans',
  'noun.job': 'Jobs',
  'noun.lease': 'Leases',
  'noun.snapshot': 'Snapshots',
  'noun.hold': 'Holds',
  'noun.grant': 'Grants',
  'noun.ticket': 'Download tickets',
  'noun.audit log': 'Audit log',
  'verb.see': 'See',
  'verb.create': 'Make',
  'verb.change': 'Change',
  'verb.delete': 'Delete',
  'verb.run': 'Run',
  'verb.export': 'Take out',
  'roles.words':
    'What each role may do to everything of a kind in its organization. Beyond that, people see and restore their own files and what they were granted, and look after their own account.',
  'roles.noun': 'Kind',
  'roles.all': 'everything',
  'roles.root.words':
    'Makes organizations and their first admins, and keeps the installation running. Sees no files.',
  'roles.admin.words':
    'Runs an organization: its people, machines, repositories and plans. May look into all files.',
  'roles.operator.words':
    'Keeps backups going and restores for others, without looking into what is restored.',
  'roles.auditor.words': 'Reads how everything is and was, and changes nothing.',
  'roles.user.words': 'Finds and restores what is theirs or was granted to them.',
} as const satisfies Catalogue;
