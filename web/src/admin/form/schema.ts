//! Values that several forms ask for. What is wrong with one is a key of the catalogues: inputs say it in the page's language.
import * as v from 'valibot';
import type { AdminWords } from '../../i18n/admin';

type Said = keyof AdminWords;
export const say = (key: Said): string => key;

/** A password: as it is written, blanks too. */
export const secret = () =>
  v.pipe(v.string(), v.nonEmpty(say('form.required')), v.maxLength(1000, say('form.long')));

export const line = (longest = 200) =>
  v.pipe(v.string(), v.trim(), v.nonEmpty(say('form.required')), v.maxLength(longest, say('form.long')));

export const lineOrNot = (longest = 200) =>
  v.pipe(v.string(), v.trim(), v.maxLength(longest, say('form.long')));

/** One of several: none is chosen yet. */
export const chosen = () => v.pipe(v.nullable(v.string()), v.string(say('form.choose')));

/** As in URLs: lower-case letters, digits and hyphens. */
export const slug = () =>
  v.pipe(
    v.string(),
    v.trim(),
    v.nonEmpty(say('form.required')),
    v.maxLength(40, say('form.long')),
    v.regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, say('form.slug')),
  );

export const email = () =>
  v.pipe(v.string(), v.trim(), v.nonEmpty(say('form.required')), v.email(say('form.email')));

/** A whole number, or nothing. */
export const countOrNot = (most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^\d*$/, say('form.count')),
    v.transform((written) => (written === '' ? null : Number(written))),
    v.nullable(v.pipe(v.number(), v.maxValue(most, say('form.large')))),
  );

const GB = 1e9;

/** Gigabytes as they are written, or nothing; bytes as they are sent. */
export const gigabytesOrNot = () =>
  v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^(\d+([.,]\d+)?)?$/, say('form.amount')),
    v.transform((written) => (written === '' ? null : Math.round(Number(written.replace(',', '.')) * GB))),
  );

export const asGigabytes = (bytes: number | null | undefined): string =>
  bytes == null ? '' : String(bytes / GB);

/** A day as the browser's own field writes it, or nothing; its end, as a time. */
export const dayOrNot = () =>
  v.pipe(
    v.string(),
    v.check(
      (written) => written === '' || !Number.isNaN(new Date(`${written}T23:59:59`).getTime()),
      say('form.day'),
    ),
    v.transform((written) => (written === '' ? null : new Date(`${written}T23:59:59`).toISOString())),
  );
