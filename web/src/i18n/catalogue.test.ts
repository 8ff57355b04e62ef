import { expect, test } from 'vitest';
import { admin as adminEn } from './en/admin';
import { adminParts as adminPartsEn } from './en/adminParts';
import { common as commonEn } from './en/common';
import { keep as keepEn } from './en/keep/all';
import { portal as portalEn } from './en/portal';
import type { Catalogue, Message } from './message';
import { fill } from './message';
import { admin as adminRu } from './ru/admin';
import { adminParts as adminPartsRu } from './ru/adminParts';
import { common as commonRu } from './ru/common';
import { keep as keepRu } from './ru/keep/all';
import { portal as portalRu } from './ru/portal';

const pairs: [string, Catalogue, Catalogue][] = [
  ['common', commonEn, commonRu],
  ['portal', portalEn, portalRu],
  ['admin', adminEn, adminRu],
  ['adminParts', adminPartsEn, adminPartsRu],
  ['keep', keepEn, keepRu],
];

const forms = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message));
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

test.each(pairs)('%s: both languages fill in the same', (_, english, russian) => {
  for (const [key, message] of Object.entries(english)) {
    const expected = holes(forms(message).at(-1) ?? '');
    for (const form of forms(russian[key] ?? '')) expect([key, holes(form)]).toEqual([key, expected]);
  }
});

test.each(pairs)('%s: Russian plurals have the forms that Russian has', (_, __, russian) => {
  const plurals = Object.entries(russian).filter(([, message]) => typeof message !== 'string');
  for (const [key, message] of plurals) {
    expect([key, Object.keys(message).sort()]).toEqual([key, ['few', 'many', 'one', 'other']]);
  }
});

test('no page has a word that the other words hide', () => {
  for (const own of [portalEn, adminEn, adminPartsEn, keepEn])
    expect(Object.keys(own).filter((key) => key in commonEn)).toEqual([]);
});

test('numbers choose the form', () => {
  const say = (n: number) =>
    fill(commonRu['count.files'], { n }, new Intl.PluralRules('ru'), new Intl.NumberFormat('ru'));
  expect([1, 3, 12, 21].map(say)).toEqual(['1 файл', '3 файла', '12 файлов', '21 файл']);
});
