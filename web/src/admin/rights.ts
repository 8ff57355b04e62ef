import { useMe } from '../api/me';
import type { Schemas } from '../api/types';

export const VERBS = ['see', 'create', 'change', 'delete', 'run', 'export'] as const;
export type Verb = (typeof VERBS)[number];
/** The kinds of things, as the server's table and its audit log call them. */
export const NOUNS = [
  'installation',
  'organization',
  'user',
  'identity',
  'session',
  'API token',
  'repository',
  'storage credential',
  'gateway credential',
  'agent',
  'enrolment token',
  'certificate',
  'source',
  'plan',
  'job',
  'lease',
  'snapshot',
  'hold',
  'grant',
  'ticket',
  'audit log',
] as const;
export type Noun = (typeof NOUNS)[number];

export const ROLES = ['root', 'admin', 'operator', 'auditor', 'user'] as const;
export type Role = (typeof ROLES)[number];

type Rights = Partial<Record<Noun, string>>;

const EVERYTHING = 'see create change delete run export';
const WORK = 'see create change run';

/**
 * What each role may do to all things of a kind: a copy of the server's table, so that nobody is offered what would be refused
 * to them. The server decides; a test compares the two.
 */
export const RIGHTS: Record<Schemas['RoleBody'], Rights> = {
  root: {
    installation: EVERYTHING,
    organization: EVERYTHING,
    user: EVERYTHING,
    identity: EVERYTHING,
    session: EVERYTHING,
    repository: 'see',
    agent: 'see',
    source: 'see',
    plan: 'see',
    job: 'see change',
    lease: 'see',
    'audit log': 'see export',
  },
  admin: {
    organization: 'see change',
    user: EVERYTHING,
    identity: EVERYTHING,
    session: EVERYTHING,
    'API token': 'see change delete run export',
    repository: EVERYTHING,
    'storage credential': EVERYTHING,
    'gateway credential': EVERYTHING,
    agent: EVERYTHING,
    'enrolment token': EVERYTHING,
    certificate: EVERYTHING,
    source: EVERYTHING,
    plan: EVERYTHING,
    job: EVERYTHING,
    lease: EVERYTHING,
    snapshot: EVERYTHING,
    hold: EVERYTHING,
    grant: EVERYTHING,
    'audit log': 'see export',
  },
  operator: {
    organization: 'see',
    user: 'see',
    repository: 'see run',
    'storage credential': 'see',
    'gateway credential': 'see',
    agent: WORK,
    'enrolment token': WORK,
    certificate: 'see',
    source: WORK,
    plan: WORK,
    job: WORK,
    lease: 'see',
    snapshot: 'see run',
    hold: 'see create',
    grant: 'see',
  },
  auditor: {
    organization: 'see',
    user: 'see',
    repository: 'see',
    'storage credential': 'see',
    'gateway credential': 'see',
    agent: 'see',
    'enrolment token': 'see',
    certificate: 'see',
    source: 'see',
    plan: 'see',
    job: 'see',
    lease: 'see',
    snapshot: 'see',
    hold: 'see',
    grant: 'see',
    'audit log': 'see export',
  },
  user: { organization: 'see' },
};

export type May = (verb: Verb, noun: Noun) => boolean;

export const mayAs =
  (role: Schemas['RoleBody']): May =>
  (verb, noun) =>
    (RIGHTS[role][noun] ?? '').split(' ').includes(verb);

/** Whether whoever is signed in may do something to everything of a kind. */
export const useMay = (): May => mayAs(useMe().user.role);
