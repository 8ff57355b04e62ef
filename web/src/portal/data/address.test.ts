import { expect, test } from 'vitest';
import { addressOf, nameOf, parentOf, pathOf, ROOT, shown, steps, within } from './address';

/** `/a/\xff` */
const odd = addressOf({ path: '/a/\ufffd', path_base64: btoa('/a/\xff') });

test('what is in the root has one slash', () => {
  expect(within(ROOT, { name: 'home' })).toBe('/home');
  expect(within('/home', { name: 'anna' })).toBe('/home/anna');
});

test('a name of bytes makes a path of bytes', () => {
  expect(within('/a', { name: '\ufffd', name_base64: btoa('\xff') })).toBe(odd);
  expect(pathOf(odd)).toEqual({ path_base64: btoa('/a/\xff') });
});

test('a path of bytes leads back to what can be written', () => {
  expect(parentOf(odd)).toBe('/a');
  expect(parentOf(within(odd, { name: 'б' }))).toBe(odd);
});

test('a path of bytes can be read by people', () => {
  expect(shown(odd)).toBe('/a/\ufffd');
  expect(nameOf(within(odd, { name: 'б' }))).toBe('б');
});

test('the way to a folder', () => {
  expect(steps('/Документы/2026').map((step) => [step.name, step.address])).toEqual([
    ['Документы', '/Документы'],
    ['2026', '/Документы/2026'],
  ]);
  expect(steps(ROOT)).toEqual([]);
  expect(parentOf('/home')).toBe(ROOT);
});
