import type { adminKeep as English } from '../en/adminKeep';
import type { Translation } from '../message';

export const adminKeep: Translation<typeof English> = {};
