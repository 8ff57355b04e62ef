import type { adminPlans as English } from '../en/adminPlans';
import type { Translation } from '../message';

export const adminPlans: Translation<typeof English> = {
  'plans.title': 'Планы',
};
