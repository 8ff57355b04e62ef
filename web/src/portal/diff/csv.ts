import type { Line } from './useDiff';

/** Programs that open tables run what begins so. */
const RUNS = /^[=+\-@\t\r]/;

export const cell = (value: string | number | null | undefined): string => {
  const text = String(value ?? '');
  return `"${(RUNS.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
};

export function csvOf(lines: readonly Line[]): string {
  const head = ['change', 'path', 'from', 'bytes_before', 'bytes_after', 'modified_before', 'modified_after'];
  const rows = lines.map(({ change, path, from, before, after }) =>
    [change, path, from?.path, before?.size, after?.size, before?.mtime, after?.mtime].map(cell).join(','),
  );
  return [head.join(','), ...rows].join('\r\n');
}

export function saveCsv(lines: readonly Line[]): void {
  const url = URL.createObjectURL(new Blob([csvOf(lines)], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'changes.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url));
}
