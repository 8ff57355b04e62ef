//! What is chosen of a list that is not all loaded: some by name, or all but some. Choosing all of 100,000 costs nothing.

export type Selection =
  | { readonly mode: 'some'; readonly names: ReadonlySet<string> }
  | { readonly mode: 'all'; readonly except: ReadonlySet<string> };

export const NOTHING: Selection = { mode: 'some', names: new Set() };
export const EVERYTHING: Selection = { mode: 'all', except: new Set() };

export const has = (selection: Selection, name: string): boolean =>
  selection.mode === 'some' ? selection.names.has(name) : !selection.except.has(name);

export const sizeOf = (selection: Selection, total: number): number =>
  selection.mode === 'some' ? selection.names.size : Math.max(0, total - selection.except.size);

export function withNames(selection: Selection, names: readonly string[], isChosen: boolean): Selection {
  const [kept, isListed] =
    selection.mode === 'some' ? [selection.names, isChosen] : ([selection.except, !isChosen] as const);
  const next = new Set(kept);
  for (const name of names) isListed ? next.add(name) : next.delete(name);
  return selection.mode === 'some' ? { mode: 'some', names: next } : { mode: 'all', except: next };
}

export const toggled = (selection: Selection, name: string): Selection =>
  withNames(selection, [name], !has(selection, name));
