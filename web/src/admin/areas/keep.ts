import type { Area } from '../areas';

export const keepAreas: readonly Area[] = [];
