//! Links of the console's keeping half.

export const keepPaths = {} as const;

export const toKeep = {};
