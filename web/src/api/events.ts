//! What happens in the organization, as it happens: one connection per browser. The tab that holds the lock reads the stream
//! and passes it on; when it closes, the next one takes over. Browsers allow six connections to a server of HTTP/1.1, and
//! every tab would hold one.
import { useEffect } from 'react';
import type { Schemas } from './types';

export type OrgEvent = Schemas['EventBody'];
type Listener = (event: OrgEvent) => void;

/** Says that events may have been missed: whoever shows state asks for it anew. */
export const MISSED = 'events.missed';

const KINDS = [
  ...['job.queued', 'job.leased', 'job.running', 'job.progress', 'job.log', 'job.cancel', 'job.ended'],
  ...['plan.changed', 'repository.down', 'repository.up', 'repository.changed', 'agent.changed'],
  'restore.changed',
];
const RETRY_MS = 3_000;
const RETRY_MS_MAX = 60_000;

class Stream {
  readonly #listeners = new Set<Listener>();
  readonly #channel: BroadcastChannel;
  readonly #stop = new AbortController();
  readonly #url: string;
  #source: EventSource | undefined;
  #last: string | undefined;
  #retry = RETRY_MS;

  constructor(org: string) {
    this.#url = `/api/v1/orgs/${org}/events`;
    this.#channel = new BroadcastChannel(`bygone.events.${org}`);
    this.#channel.onmessage = ({ data }) => this.#tell(data as OrgEvent);
    navigator.locks
      .request(`bygone.events.${org}`, { signal: this.#stop.signal }, () => this.#lead())
      .catch(() => undefined);
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  }

  /** Reads for all tabs, until this one closes. */
  #lead(): Promise<void> {
    this.#open();
    return new Promise((resolve) => {
      this.#stop.signal.addEventListener('abort', () => resolve());
    });
  }

  #open(): void {
    const source = new EventSource(this.#last ? `${this.#url}?after=${this.#last}` : this.#url);
    this.#source = source;
    source.onopen = () => {
      if (this.#retry !== RETRY_MS) this.#pass(missed());
      this.#retry = RETRY_MS;
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (message) => {
        const event = JSON.parse(message.data) as OrgEvent;
        this.#last = event.uid;
        this.#pass(event);
      });
    }
    source.onerror = () => {
      // A browser comes back by itself from what broke, but not from what was refused.
      if (source.readyState !== EventSource.CLOSED || this.#stop.signal.aborted) return;
      this.#last = undefined;
      setTimeout(() => this.#stop.signal.aborted || this.#open(), this.#retry);
      this.#retry = Math.min(this.#retry * 2, RETRY_MS_MAX);
    };
  }

  #pass(event: OrgEvent): void {
    this.#channel.postMessage(event);
    this.#tell(event);
  }

  #tell(event: OrgEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #close(): void {
    this.#stop.abort();
    this.#source?.close();
    this.#channel.close();
    for (const [org, stream] of streams) if (stream === this) streams.delete(org);
  }
}

const missed = (): OrgEvent => ({ uid: '', kind: MISSED, at: new Date().toISOString(), data: null });

const streams = new Map<string, Stream>();

/** Calls for every event of an organization. Keep the listener the same between renders (`useCallback`). */
export function useEvents(org: string | null, listener: Listener): void {
  useEffect(() => {
    if (!org || !('locks' in navigator)) return;
    const stream = streams.get(org) ?? new Stream(org);
    streams.set(org, stream);
    return stream.listen(listener);
  }, [org, listener]);
}
