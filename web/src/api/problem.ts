import type { Schemas } from './types';

/** What the server refuses with, as an error: the code is for us, the title for people. */
export class Problem extends Error {
  readonly status: number;
  readonly code: Schemas['ProblemCode'];
  readonly field: string | undefined;
  /** What to tell whoever reads the server's log. */
  readonly requestId: string | undefined;
  /** Seconds after which to try again. */
  readonly retryAfter: number | undefined;

  constructor(body: Pick<Schemas['Problem'], 'status' | 'code' | 'title' | 'field'>, headers: Headers) {
    super(body.title);
    this.name = 'Problem';
    this.status = body.status;
    this.code = body.code;
    this.field = body.field ?? undefined;
    this.requestId = headers.get('x-request-id') ?? undefined;
    const after = Number(headers.get('retry-after'));
    this.retryAfter = after > 0 ? after : undefined;
  }
}

/** The server did not answer at all: it restarts, or we are offline. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('the server does not answer', { cause });
    this.name = 'Unreachable';
  }
}

export const isProblem = (error: unknown, ...codes: Schemas['ProblemCode'][]): error is Problem =>
  error instanceof Problem && (codes.length === 0 || codes.includes(error.code));

/** Whether trying the same again may help. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Unreachable || (error instanceof Problem && (error.status >= 500 || error.status === 429));

/** The problem an answer holds; a proxy in between may have answered with something else. */
export function problemOf(response: Response, body: unknown): Problem {
  if (isProblemBody(body)) return new Problem(body, response.headers);
  const code = response.status >= 500 ? 'unavailable' : 'malformed';
  return new Problem({ status: response.status, code, title: response.statusText || code }, response.headers);
}

function isProblemBody(body: unknown): body is Schemas['Problem'] {
  return typeof body === 'object' && body !== null && 'code' in body && 'title' in body;
}
