//! What a page shows, as the search part of its address. What is as it is by default is left out, so that addresses stay short.

/** How one value is written. Null: it is as it is by default. */
export interface Field<T> {
  otherwise: T;
  read(text: string): T;
  write(value: T): string | null;
}

export const text = (otherwise = ''): Field<string> => ({
  otherwise,
  read: (value) => value,
  write: (value) => (value === otherwise ? null : value),
});

export const flag = (otherwise: boolean): Field<boolean> => ({
  otherwise,
  read: (value) => value === '1',
  write: (value) => (value === otherwise ? null : value ? '1' : '0'),
});

export const count = (otherwise: number): Field<number> => ({
  otherwise,
  read: (value) => (/^\d{1,15}$/.test(value) ? Number(value) : otherwise),
  write: (value) => (value === otherwise ? null : String(value)),
});

/** One of some words; others are read as the first. */
export const oneOf = <const T extends string>(...words: [T, ...T[]]): Field<T> => ({
  otherwise: words[0],
  read: (value) => words.find((word) => word === value) ?? words[0],
  write: (value) => (value === words[0] ? null : value),
});

// biome-ignore lint/suspicious/noExplicitAny: fields of any types, each with its own
export type Fields = Record<string, Field<any>>;
export type StateOf<F extends Fields> = { [Name in keyof F]: F[Name]['otherwise'] };

export interface Codec<State> {
  read(search: string): State;
  /** With the `?`, or nothing. */
  write(state: Partial<State>): string;
}

export function codec<F extends Fields>(fields: F): Codec<StateOf<F>> {
  const names = Object.keys(fields);
  return {
    read(search) {
      const given = new URLSearchParams(search);
      const entries = names.map((name) => {
        const value = given.get(name);
        return [name, value === null ? fields[name]?.otherwise : fields[name]?.read(value)];
      });
      return Object.fromEntries(entries) as StateOf<F>;
    },
    write(state) {
      const params = new URLSearchParams();
      for (const name of names) {
        const value = state[name];
        const written = value === undefined ? null : fields[name]?.write(value);
        if (written != null) params.set(name, written);
      }
      // A path reads better with its slashes, and they need no escape in a query.
      const query = params.toString().replaceAll('%2F', '/').replaceAll('%3A', ':');
      return query ? `?${query}` : '';
    },
  };
}
