//! The one way to the server. `ask` turns answers into values and refusals into errors; where a session ended or the second
//! factor is wanted, it waits for the dialog of `gate` and asks again, so that no screen has to know of either.
import createClient from 'openapi-fetch';
import { gate } from './gate';
import { isProblem, problemOf, Unreachable } from './problem';
import type { Paths } from './types';

/** Typed by the server's own description. Answers are read by `ask`. */
export const api = createClient<Paths>({ baseUrl: '' });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** A request that can be sent again. */
type Send<T> = () => Promise<Answer<T>>;

/** A value, and the tag that a change of it has to send as `If-Match`. */
export interface Tagged<T> {
  value: T;
  tag: string;
}

export async function ask<T>(send: Send<T>): Promise<T> {
  return (await answered(send)).data as T;
}

export async function askTagged<T>(send: Send<T>): Promise<Tagged<T>> {
  const { data, response } = await answered(send);
  return { value: data as T, tag: response.headers.get('etag') ?? '' };
}

/** The same without dialogs: for the sign-in page, and for finding out whether there is a session. */
export async function askOnce<T>(send: Send<T>): Promise<T> {
  return (await answeredOnce(send)).data as T;
}

async function answered<T>(send: Send<T>): Promise<Answer<T>> {
  try {
    return await answeredOnce(send);
  } catch (error) {
    const passed =
      (isProblem(error, 'unauthenticated') && (await gate.signIn())) ||
      (isProblem(error, 'step_up_required') && (await gate.stepUp()));
    if (!passed) throw error;
    return answeredOnce(send);
  }
}

async function answeredOnce<T>(send: Send<T>): Promise<Answer<T>> {
  let answer: Answer<T>;
  try {
    answer = await send();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Unreachable(error);
  }
  if (!answer.response.ok) throw problemOf(answer.response, answer.error);
  return answer;
}

/** For a `POST` that creates: sent again under the same key, it creates nothing again. Keep it for as long as the form is open. */
export const newKey = (): { 'Idempotency-Key': string } => ({ 'Idempotency-Key': crypto.randomUUID() });
