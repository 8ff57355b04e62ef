//! How answers are filed: by organization, then by noun, so that an event can make old what it concerns and nothing else.

export const ofOrg = (org: string, noun?: string, ...more: unknown[]): readonly unknown[] =>
  noun === undefined ? ['org', org] : ['org', org, noun, ...more];

/** Progress comes by events only, and is filed apart from the lists: a list is not asked for anew because a job went on. */
export const progressKey = (org: string, job: string): readonly unknown[] => ['org-progress', org, job];

/** The same for nouns that the installation has too: its people, providers and audit log. */
export const filed = (org: string | null, noun: string, ...more: unknown[]): readonly unknown[] =>
  org === null ? ['installation', noun, ...more] : ofOrg(org, noun, ...more);
