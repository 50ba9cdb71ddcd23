import type { Context, Happening, ViewerEvent } from '../api/types';
import { batchKey, readLeftovers, type EventStore } from './leftovers';

export interface Transport {
  /** POSTs a batch; the HTTP status, or 0 if the server was not reached. */
  post(body: string): Promise<number>;
  /** Hands a batch to the browser to be sent while the page goes away. */
  beacon(body: string): boolean;
}

const BATCH = 100;
const MOST_KEPT = 400;
const LONGEST_WAIT_MS = 30_000;

interface Waiting {
  session: string;
  event: ViewerEvent;
}

/**
 * Keeps what the viewer did until the server has it durably (202).
 *
 * Every event is (session, sequence); sending one twice is harmless, so whatever has no
 * answer is sent again: after a lost line, and after a reload from the browser's store.
 */
export class EventQueue {
  #sequence = 0;
  #waiting: Waiting[] = [];
  /** Events up to here may have left the page and must not change any more. */
  #left = 0;
  #flight: Promise<boolean> | null = null;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly session: string,
    private readonly transport: Transport,
    private readonly store: EventStore,
    private readonly now: () => number = Date.now,
  ) {
    for (const left of readLeftovers(store)) this.#waiting.push(...left);
  }

  /** The server did not answer the last time; the queue tries again by itself, ever more slowly. */
  get struggling(): boolean {
    return this.#failures > 0;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(happening: Happening, context: Context, impression: string | null): void {
    if (happening.kind === 'watch' && this.#update(happening)) return;
    const event: ViewerEvent = { ...happening, sequence: ++this.#sequence, at_ms: this.now(), context };
    if (impression) event.impression = impression;
    this.#waiting.push({ session: this.session, event });
    if (this.#waiting.length > MOST_KEPT) this.#waiting.splice(0, this.#waiting.length - MOST_KEPT);
    this.#keep();
  }

  /** Sends all that waits. True once the server has everything that waited at the call. */
  async flush(): Promise<boolean> {
    const upTo = this.#sequence;
    const pending = () => this.#waiting.some((one) => one.session !== this.session || one.event.sequence <= upTo);
    while (pending()) {
      this.#flight ??= this.#send().finally(() => (this.#flight = null));
      if (!(await this.#flight)) return false;
    }
    return true;
  }

  /** For a page that may be gone in a moment. Answers are not seen, so nothing is forgotten. */
  leave(): void {
    for (const [session, events] of this.#batches()) {
      if (this.transport.beacon(JSON.stringify({ session, events: events.slice(-BATCH) }))) this.#mark(session, events);
    }
    this.#keep();
  }

  /** Forgets everything, when the next viewer at this browser is somebody else. */
  clear(): void {
    this.#waiting = [];
    this.#keep();
  }

  #update(watch: Happening & { kind: 'watch' }): boolean {
    const last = this.#waiting.find(
      ({ session, event }) =>
        session === this.session &&
        event.sequence > this.#left &&
        event.kind === 'watch' &&
        event.play === watch.play,
    );
    if (!last) return false;
    Object.assign(last.event, watch, { at_ms: this.now() });
    this.#keep();
    return true;
  }

  #batches(): Map<string, ViewerEvent[]> {
    const batches = new Map<string, ViewerEvent[]>();
    for (const { session, event } of this.#waiting) {
      const batch = batches.get(session);
      if (batch) batch.push(event);
      else batches.set(session, [event]);
    }
    return batches;
  }

  #mark(session: string, events: ViewerEvent[]): void {
    if (session === this.session) this.#left = Math.max(this.#left, events.at(-1)?.sequence ?? 0);
  }

  async #send(): Promise<boolean> {
    const [first] = this.#batches();
    if (!first) return true;
    const [session, all] = first;
    const events = all.slice(0, BATCH);
    this.#mark(session, events);
    const status = await this.transport.post(JSON.stringify({ session, events }));
    const hopeless = status >= 400 && status < 500 && status !== 408 && status !== 429 && status !== 401;
    if (status === 202 || hopeless) {
      const sent = new Set(events.map((event) => event.sequence));
      this.#waiting = this.#waiting.filter((one) => one.session !== session || !sent.has(one.event.sequence));
      this.#failures = 0;
      this.#keep();
      return true;
    }
    this.#again();
    return false;
  }

  #again(): void {
    clearTimeout(this.#retry);
    const wait = Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** this.#failures++);
    this.#retry = setTimeout(() => void this.flush(), wait * (0.75 + Math.random() / 2));
  }

  #keep(): void {
    const batches = this.#batches();
    for (const key of this.store.keys()) if (!batches.has(key.slice(batchKey('').length))) this.store.drop(key);
    for (const [session, events] of batches) this.store.write(batchKey(session), JSON.stringify(events));
  }
}
