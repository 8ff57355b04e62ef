import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { Facts } from '../parts/Facts';
import type { Plan } from './plans';
import { useSpecFacts } from './useSpecFacts';

/** What a plan says, and since when. */
export function PlanFacts({ plan }: { plan: Plan }) {
  const text = useAdminText();
  const format = useFormat();
  const factsOf = useSpecFacts();
  const since = `${format.dateTime(plan.changed_at)} · ${text('plan.version', { n: plan.version })}`;
  return <Facts facts={[...factsOf(plan.spec), { name: text('plan.changedAt'), value: since }]} />;
}
