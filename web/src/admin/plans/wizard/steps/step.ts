import type { PlanSpec } from '../../plans';

/** What every step is given beside the form. */
export interface StepProps {
  /** What the plan said before; null: a new one. */
  was: PlanSpec | null;
  /** The plan itself; null: a new one. */
  own: string | null;
}
