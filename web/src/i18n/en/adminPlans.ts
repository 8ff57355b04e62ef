import type { Catalogue } from '../message';

/** Plans, and the wizard that makes them. */
export const adminPlans = {
  'plans.title': 'Plans',
} as const satisfies Catalogue;
