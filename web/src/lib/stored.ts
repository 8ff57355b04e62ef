import { useSyncExternalStore } from 'react';

/** A choice of this browser: theme, language, width of a pane. Storage may be refused, then it lives as long as the page. */
export class Stored<T extends string> {
  readonly #key: string;
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(name: string, otherwise: T, isValid: (text: string) => boolean = () => true) {
    this.#key = `bygone.${name}`;
    this.#value = otherwise;
    try {
      const kept = localStorage.getItem(this.#key);
      if (kept !== null && isValid(kept)) this.#value = kept as T;
    } catch {
      // As if nothing was chosen.
    }
  }

  readonly get = (): T => this.#value;

  set(value: T): void {
    this.#value = value;
    try {
      localStorage.setItem(this.#key, value);
    } catch {
      // It holds until the page is closed.
    }
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export const useStored = <T extends string>(stored: Stored<T>): T =>
  useSyncExternalStore(stored.subscribe, stored.get);
