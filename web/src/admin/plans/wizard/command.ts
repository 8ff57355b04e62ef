//! A command as people write it in one line, and as it is started: a program and its arguments, with no shell between.

/** The parts of what is written; null where a quote is not closed. Blanks separate, quotes and `\` keep them. */
export function partsOf(written: string): string[] | null {
  const parts: string[] = [];
  let part: string | null = null;
  let quote = '';
  for (let at = 0; at < written.length; at++) {
    const letter = written[at] ?? '';
    if (quote === '' && /\s/.test(letter)) {
      if (part !== null) parts.push(part);
      part = null;
    } else if (quote === '' && (letter === '"' || letter === "'")) {
      quote = letter;
      part ??= '';
    } else if (letter === quote) {
      quote = '';
    } else if (letter === '\\' && quote !== "'" && isKept(written[at + 1], quote)) {
      at += 1;
      part = (part ?? '') + written[at];
    } else {
      part = (part ?? '') + letter;
    }
  }
  if (quote !== '') return null;
  return part === null ? parts : [...parts, part];
}

/** Elsewhere `\` stands for itself: paths of Windows are written as they are. */
const isKept = (letter: string | undefined, quote: string): boolean =>
  letter !== undefined && (quote === '"' ? /["\\]/ : /[\s"'\\]/).test(letter);

export const commandLine = (parts: readonly string[]): string => parts.map(quoted).join(' ');

function quoted(part: string): string {
  if (part !== '' && !/[\s"'\\]/.test(part)) return part;
  if (!part.includes("'")) return `'${part}'`;
  return `"${part.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
