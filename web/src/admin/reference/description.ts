//! The server's description of its API, read for people: requests by noun, and types in a line each.
import { queryOptions } from '@tanstack/react-query';
import { Problem, Unreachable } from '../../api/problem';

/** As much of JSON Schema as the description uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: Schema | boolean;
  description?: string;
  minimum?: number;
  maximum?: number;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

interface Content {
  content?: Record<string, { schema?: Schema }>;
  description?: string;
}

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: Content;
  responses?: Record<string, Content>;
}

interface OpenApi {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** One request that can be made. */
export interface Call {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  tag: string;
  parameters: Parameter[];
  body: Schema | null;
  answers: { status: string; schema: Schema | null; type: string | null }[];
}

export interface Description {
  version: string;
  calls: readonly Call[];
  tags: readonly string[];
  schemas: Readonly<Record<string, Schema>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

export function describe(api: OpenApi): Description {
  const calls: Call[] = [];
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (METHODS.includes(method)) calls.push(callOf(method, path, operation));
    }
  }
  return {
    version: api.info.version,
    calls,
    tags: [...new Set(calls.map((call) => call.tag))].toSorted(),
    schemas: withNamedItems(api.components.schemas),
  };
}

/** Lists are described with their items written out: they are said by the name of what they list. */
function withNamedItems(schemas: Record<string, Schema>): Record<string, Schema> {
  const named = Object.entries(schemas).map(([name, schema]) => {
    const listed = name.replace(/^ListBody_/, '');
    if (listed === name || !schemas[listed]) return [name, schema];
    const items = { ...schema.properties?.items, items: { $ref: `#/components/schemas/${listed}` } };
    return [name, { ...schema, properties: { ...schema.properties, items } }];
  });
  return Object.fromEntries(named);
}

function callOf(method: string, path: string, operation: Operation): Call {
  const answers = Object.entries(operation.responses ?? {}).filter(([status]) => status !== 'default');
  return {
    id: `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    summary: operation.summary ?? '',
    description: operation.description ?? '',
    tag: operation.tags?.[0] ?? 'other',
    parameters: operation.parameters ?? [],
    body: contentOf(operation.requestBody).schema,
    answers: answers.map(([status, content]) => ({ status, ...contentOf(content) })),
  };
}

function contentOf(of: Content | undefined): { schema: Schema | null; type: string | null } {
  const [type, content] = Object.entries(of?.content ?? {})[0] ?? [null, null];
  return { schema: content?.schema ?? null, type };
}

/** Whether all written words stand in what a request is called and does. */
export function finds(call: Call, written: string): boolean {
  const told = `${call.id} ${call.summary} ${call.tag}`.toLowerCase();
  return written
    .toLowerCase()
    .split(/\s+/)
    .every((word) => told.includes(word));
}

export const descriptionQuery = queryOptions({
  queryKey: ['description'],
  queryFn: async ({ signal }): Promise<Description> => {
    const response = await fetch('/api/openapi.json', { signal }).catch((error: unknown) => {
      throw new Unreachable(error);
    });
    if (!response.ok) {
      const { status, headers } = response;
      throw new Problem({ status, code: status === 404 ? 'not_found' : 'unavailable', title: '' }, headers);
    }
    return describe((await response.json()) as OpenApi);
  },
  staleTime: Number.POSITIVE_INFINITY,
});
