import type { Catalogue } from '../message';

export const adminKeep = {} as const satisfies Catalogue;
