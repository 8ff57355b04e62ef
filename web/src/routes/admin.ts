//! Every link of the console, and nothing else makes one. Paths are below `/admin`, which the router adds.

export const adminPaths = {
  dashboard: '/',
} as const;

export const toAdmin = {
  dashboard: () => '/',
};
