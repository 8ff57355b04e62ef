import * as v from 'valibot';
import type { Schemas } from '../../api/types';
import { chosen, countOrNot, gigabytesOrNot, say } from '../form/schema';

export type Grant = Schemas['GrantBody'];

export const USES = ['see', 'preview', 'download', 'restore'] as const;
export type Use = (typeof USES)[number];

/** How much of what a grant gives; each limit may be left out. */
const terms = {
  see: v.boolean(),
  preview: v.boolean(),
  download: v.boolean(),
  restore: v.boolean(),
  owner: v.pipe(v.string(), v.trim(), v.regex(/^(uid:\d+|name:.+)?$/, say('grants.owner.wrong'))),
  history_days: countOrNot(36_500),
  bytes_per_day: gigabytesOrNot(),
  downloads: countOrNot(1_000),
};

interface Terms extends Record<Use, boolean> {
  owner: string;
  history_days: number | null;
  bytes_per_day: number | null;
  downloads: number | null;
}

/** What is sent of the terms. */
const sent = ({ see, preview, download, restore, owner, ...limits }: Terms) => {
  const chosen = { see, preview, download, restore };
  return { actions: USES.filter((use) => chosen[use]), owner: owner || null, ...limits };
};

/** What is taken is taken whole. */
const NOTHING_NARROWER = { owner: null, history_days: null, bytes_per_day: null, downloads: null };

const usesSome = <T extends Record<Use, boolean>>(written: T) => USES.some((use) => written[use]);

export const newGrantSchema = () =>
  v.pipe(
    v.object({
      user: chosen(),
      source: chosen(),
      path: v.pipe(
        v.string(),
        v.trim(),
        v.startsWith('/', say('grants.path.wrong')),
        v.maxLength(4096, say('form.long')),
      ),
      effect: v.picklist(['allow', 'deny']),
      ...terms,
    }),
    v.forward(v.check(usesSome, say('grants.uses.none')), ['see']),
    v.transform(({ user, source, path, effect, ...rest }) => ({
      user,
      source,
      path,
      effect,
      ...sent(rest),
      ...(effect === 'deny' && NOTHING_NARROWER),
    })),
  );

export const grantTermsSchema = () =>
  v.pipe(v.object(terms), v.forward(v.check(usesSome, say('grants.uses.none')), ['see']), v.transform(sent));

export const noTerms = {
  see: true,
  preview: true,
  download: true,
  restore: false,
  owner: '',
  history_days: '',
  bytes_per_day: '',
  downloads: '',
};
