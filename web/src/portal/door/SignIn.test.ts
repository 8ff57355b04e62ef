import { expect, test } from 'vitest';
import { ownPath } from './SignIn';

test('one comes back to where one was', () => {
  expect(ownPath('/d/1/browse?p=/home')).toBe('/d/1/browse?p=/home');
});

test.each([
  'https://elsewhere.example/',
  '//elsewhere.example',
  '/\\elsewhere.example',
  'javascript:alert(1)',
])('nobody is sent to %s', (next) => expect(ownPath(next)).toBe('/'));
