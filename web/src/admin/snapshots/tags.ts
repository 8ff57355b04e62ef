/** What the tags of a snapshot say: some are ours, and mean something. */
export interface Tags {
  /** Put there by people. */
  own: string[];
  /** The plan that took it, by its uid. */
  plan: string | null;
}

const PLAN = 'plan:';
const HOLD = 'hold:';

export function tagsOf(tags: readonly string[]): Tags {
  const plan = tags.find((tag) => tag.startsWith(PLAN));
  return {
    own: tags.filter((tag) => !tag.startsWith(PLAN) && !tag.startsWith(HOLD)),
    plan: plan ? plan.slice(PLAN.length) : null,
  };
}
