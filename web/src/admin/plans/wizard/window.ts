//! What lies between two times on some days: when something may begin, and when other limits count.
import * as v from 'valibot';
import type { Schemas } from '../../../api/types';
import { say } from '../../form/schema';
import { DAYS, type Day } from '../words';

export interface WindowDraft {
  /** None: on all. */
  days: Day[];
  from: string;
  to: string;
}

const time = () =>
  v.pipe(v.string(), v.trim(), v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, say('wizard.wrong.times')));

/** What a window has; others have more beside it. */
export const windowEntries = { days: v.array(v.picklist(DAYS)), from: time(), to: time() };
export const windowSchema = v.object(windowEntries);

export const newWindow = (): WindowDraft => ({ days: [], from: '20:00', to: '06:00' });

export const windowDraftOf = ({ days = [], from, to }: Schemas['Window']): WindowDraft => ({
  days,
  from,
  to,
});

export const windowOf = ({ days, from, to }: WindowDraft): Schemas['Window'] => ({
  days: DAYS.filter((day) => days.includes(day)),
  from: from.trim(),
  to: to.trim(),
});
