//! What a text of the catalogues is. English says which there are; other languages are checked against it by the compiler.

/** A text that depends on a number, `{n}`. */
export interface Plural {
  one: string;
  few?: string;
  many?: string;
  other: string;
}

export type Message = string | Plural;
export type Catalogue = Record<string, Message>;

/** The same texts in another language: none missing, none more, a plural where English has one. */
export type Translation<English extends Catalogue> = {
  readonly [Key in keyof English]: English[Key] extends string ? string : Plural;
};

/** The names between braces in a text. */
type Holes<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Holes<Rest> : never;

type HolesOf<Entry> = Entry extends string
  ? Holes<Entry>
  : Entry extends Plural
    ? Holes<Entry['other']> | 'n'
    : never;

type Values<Names extends string> = { [Name in Names]: Name extends 'n' ? number : string | number };

/** What has to be given beside a key: the values of its holes. */
export type Given<English extends Catalogue, Key extends keyof English> =
  HolesOf<English[Key]> extends never ? [] : [values: Values<HolesOf<English[Key]>>];

export type Text<English extends Catalogue> = <Key extends keyof English & string>(
  key: Key,
  ...given: Given<English, Key>
) => string;

/** Fills a text in. */
export function fill(
  message: Message,
  values: Record<string, string | number>,
  plural: Intl.PluralRules,
  number: Intl.NumberFormat,
): string {
  const text = typeof message === 'string' ? message : formOf(message, Number(values.n), plural);
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = values[name];
    return value === undefined ? hole : typeof value === 'number' ? number.format(value) : value;
  });
}

function formOf(message: Plural, n: number, plural: Intl.PluralRules): string {
  const form = plural.select(n);
  return (form === 'one' || form === 'few' || form === 'many' ? message[form] : undefined) ?? message.other;
}
