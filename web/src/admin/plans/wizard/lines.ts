//! Lists that are written one a line.

export const linesOf = (lines: readonly string[] | undefined): string => (lines ?? []).join('\n');

export const linesIn = (written: string): string[] =>
  written
    .split('\n')
    .map((one) => one.trim())
    .filter(Boolean);
