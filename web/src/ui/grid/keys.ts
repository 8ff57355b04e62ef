interface Key {
  key: string;
  altKey: boolean;
  metaKey: boolean;
}

/** The row a key leads to; null: it leads nowhere. */
export function moved(event: Key, current: number, count: number, page: number): number | null {
  if (event.altKey || event.metaKey || count === 0) return null;
  const within = (index: number) => Math.min(count - 1, Math.max(0, index));
  switch (event.key) {
    case 'ArrowDown':
      return within(current + 1);
    case 'ArrowUp':
      return within(current - 1);
    case 'PageDown':
      return within(current + page);
    case 'PageUp':
      return within(current - page);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
