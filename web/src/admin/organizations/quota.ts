import type { Schemas } from '../../api/types';
import { asGigabytes, countOrNot, gigabytesOrNot } from '../form/schema';

type Quota = Schemas['QuotaBody'];

/** Fields of a form for what an organization may use. */
export const quotaFields = { bytes_max: gigabytesOrNot(), agents_max: countOrNot(), jobs_max: countOrNot() };

const asCount = (count: number | null | undefined) => (count == null ? '' : String(count));

export const writtenQuota = (quota?: Quota) => ({
  bytes_max: asGigabytes(quota?.bytes_max),
  agents_max: asCount(quota?.agents_max),
  jobs_max: asCount(quota?.jobs_max),
});
