import type { Call } from './description';

/** How a request is made by hand: with a token in a variable, so that it stands in no history. */
export function curlOf(call: Call, origin: string = window.location.origin): string {
  const parts = ['curl', '-H "Authorization: Bearer $TOKEN"'];
  if (call.method !== 'GET') parts.push(`-X ${call.method}`);
  if (call.parameters.some((one) => one.name === 'If-Match')) parts.push(`-H 'If-Match: "ETAG"'`);
  if (call.body) parts.push("-H 'Content-Type: application/json' -d '{…}'");
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  parts.push(`'${origin}${path}'`);
  return parts.join(' ');
}
