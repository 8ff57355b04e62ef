//! Where something lies in a source, as one text that an address can hold: the path, or, where it is not UTF-8, its bytes.

const BYTES = 'base64:';

export type Address = string;

export const ROOT: Address = '/';

/** As parameters and bodies take it. */
export const pathOf = (address: Address): { path: string } | { path_base64: string } =>
  address.startsWith(BYTES) ? { path_base64: address.slice(BYTES.length) } : { path: address };

interface Given {
  path: string;
  path_base64?: string | null | undefined;
}

export const addressOf = ({ path, path_base64 }: Given): Address =>
  path_base64 ? BYTES + path_base64 : path;

interface Named {
  name: string;
  name_base64?: string | null | undefined;
}

/** Something in a folder. */
export function within(folder: Address, { name, name_base64 }: Named): Address {
  if (!folder.startsWith(BYTES) && !name_base64) return folder === ROOT ? `/${name}` : `${folder}/${name}`;
  const bytes = name_base64 ? decode(name_base64) : utf8(name);
  const before = folder === ROOT ? '' : bytesOf(folder);
  return `${BYTES}${btoa(`${before}/${bytes}`)}`;
}

/** The folder something lies in; the root lies in itself. */
export function parentOf(address: Address): Address {
  const bytes = bytesOf(address);
  const cut = bytes.lastIndexOf('/');
  return cut <= 0 ? ROOT : fromBytes(bytes.slice(0, cut));
}

/** The last part, for people. */
export const nameOf = (address: Address): string => shown(address).split('/').at(-1) ?? '';

/** The whole of it, for people. */
export const shown = (address: Address): string =>
  address.startsWith(BYTES) ? text(decode(address.slice(BYTES.length))) : address;

/** The folders on the way, the first below the root. */
export function steps(address: Address): { name: string; address: Address }[] {
  const parts = bytesOf(address)
    .split('/')
    .filter((part) => part !== '');
  return parts.map((part, index) => ({
    name: text(part),
    address: fromBytes(`/${parts.slice(0, index + 1).join('/')}`),
  }));
}

/** Bytes are kept as texts of letters below 256. */
const bytesOf = (address: Address) =>
  address.startsWith(BYTES) ? decode(address.slice(BYTES.length)) : utf8(address);

function fromBytes(bytes: string): Address {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw(bytes));
  } catch {
    return BYTES + btoa(bytes);
  }
}

const utf8 = (words: string) => String.fromCharCode(...new TextEncoder().encode(words));
const decode = (base64: string) => atob(base64);
const raw = (bytes: string) => Uint8Array.from(bytes, (letter) => letter.charCodeAt(0));
const text = (bytes: string) => new TextDecoder().decode(raw(bytes));
