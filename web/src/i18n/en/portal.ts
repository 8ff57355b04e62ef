import type { Catalogue } from '../message';

export const portal = {
  'home.title': 'Find a file',
} as const satisfies Catalogue;
