//! Types in words: short enough for a cell of a table.
import type { Schema } from './description';

/** A field of a body: its name, what it is, what it means. */
export interface Row {
  name: string;
  type: string;
  isRequired: boolean;
  means: string;
  /** A type with fields of its own that can be looked into. */
  opens: string | null;
}

type Schemas = Readonly<Record<string, Schema>>;

const nameOf = (schema: Schema): string | null => schema.$ref?.split('/').at(-1) ?? null;

/** What a schema is, in a line: `string`, `uuid`, `"a" | "b"`, `[Job]`. */
export function typeOf(schema: Schema | undefined): string {
  if (!schema) return '';
  const named = nameOf(schema);
  if (named) return named;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return choices.map(typeOf).join(' | ');
  if (schema.allOf) return schema.allOf.map(typeOf).join(' & ');
  const types = [schema.type ?? []].flat();
  if (types.includes('array')) return `[${typeOf(schema.items)}]${types.includes('null') ? ' | null' : ''}`;
  if (types.includes('object') && typeof schema.additionalProperties === 'object') {
    return `{…: ${typeOf(schema.additionalProperties)}}`;
  }
  const plain = types.filter((type) => type !== 'null').join(' | ') || 'any';
  const shown = schema.format && plain === 'string' ? schema.format : plain;
  return types.includes('null') ? `${shown} | null` : shown;
}

/** The named type that a schema is, or holds: where its fields are described. */
export function namedIn(schema: Schema | null | undefined): string | null {
  if (!schema) return null;
  const inner = [
    schema,
    schema.items,
    ...(schema.oneOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.allOf ?? []),
  ];
  for (const one of inner) {
    const name = one && nameOf(one);
    if (name) return name;
  }
  return null;
}

/** The fields of a type, with those that it takes over from others. */
export function rowsOf(schema: Schema | undefined, schemas: Schemas): Row[] {
  if (!schema) return [];
  const named = nameOf(schema);
  if (named) return rowsOf(schemas[named], schemas);
  const inherited = (schema.allOf ?? []).flatMap((part) => rowsOf(part, schemas));
  const own = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const opens = namedIn(field);
    return {
      name,
      type: typeOf(field),
      isRequired: schema.required?.includes(name) ?? false,
      means: field.description ?? (opens ? (schemas[opens]?.description ?? '') : ''),
      opens: opens && rowsOf(schemas[opens], schemas).length > 0 ? opens : null,
    };
  });
  return [...inherited, ...own];
}
