import { expect, test } from 'vitest';
import description from '../../../../server/openapi.json';
import { describe, finds } from './description';
import { namedIn, rowsOf, typeOf } from './types';

// biome-ignore lint/suspicious/noExplicitAny: the server's description, as it is
const api = describe(description as any);

test('types are told in a line', () => {
  expect(typeOf({ type: 'string', format: 'uuid' })).toBe('uuid');
  expect(typeOf({ type: ['string', 'null'], format: 'date-time' })).toBe('date-time | null');
  expect(typeOf({ type: 'array', items: { $ref: '#/components/schemas/Job' } })).toBe('[Job]');
  expect(typeOf({ enum: ['a', 'b'] })).toBe('"a" | "b"');
});

test('fields that a type takes over from another are among its own', () => {
  const rows = rowsOf({ $ref: '#/components/schemas/MadeGatewayCredentialBody' }, api.schemas);
  expect(rows.map((row) => row.name)).toEqual(expect.arrayContaining(['username', 'password', 'path']));
});

test('every request of the server is described', () => {
  expect(api.calls.length).toBeGreaterThan(100);
  for (const call of api.calls) {
    expect([call.id, call.summary]).not.toEqual([call.id, '']);
    if (call.body) expect([call.id, namedIn(call.body)]).not.toEqual([call.id, null]);
  }
});

test('requests are found by words in any order', () => {
  const found = api.calls.filter((call) => finds(call, 'hold release'));
  expect(found.map((call) => call.method)).toContain('DELETE');
});
