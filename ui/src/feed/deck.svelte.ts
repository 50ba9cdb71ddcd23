import type { Page, Video } from '../api/types';
import { Entry } from './entry.svelte';
import { TurnPolicy, type Signal } from './turn';

/** The slots of a page from which on everything is handed back to the server. */
export interface HandBack {
  page: string;
  slot: number;
}

export interface Supply {
  /** The next page, after everything that the viewer did has reached the server. */
  page(handBack: HandBack | null): Promise<Page>;
}

export type DeckState = 'loading' | 'ready' | 'ended' | 'failed';

/** With fewer videos than this behind the next one, more are asked for. */
const LOW_TAIL = 3;
const KEEP_BEHIND = 20;
const TRIM_AT = 40;

/**
 * The videos of one feed in order, and which one is on.
 *
 * What lies behind the next video (the *tail*) always belongs to a single page: asking for more
 * hands the old tail back, so whatever the viewer did last shapes all that is not near yet.
 */
export class Deck {
  entries = $state.raw<Entry[]>([]);
  current = $state(0);
  state = $state<DeckState>('loading');
  failure = $state.raw<unknown>(null);
  #asking: Promise<void> | null = null;
  #again = false;
  #policy = new TurnPolicy();

  constructor(
    private readonly supply: Supply | null,
    first: Entry[] = [],
  ) {
    this.entries = first;
    if (!supply) this.state = 'ended';
    else if (first.length) this.state = 'ready';
  }

  get entry(): Entry | undefined {
    return this.entries[this.current];
  }

  /** Videos after the next one. */
  get tail(): number {
    return Math.max(0, this.entries.length - this.current - 2);
  }

  moveTo(index: number): void {
    if (index === this.current || index < 0 || index > this.entries.length) return;
    if (index > this.current) this.#policy.swiped();
    this.current = index;
    if (this.tail < LOW_TAIL && this.state !== 'ended') void this.ask();
    else if (this.#policy.due) void this.ask();
  }

  hear(signal: Signal): void {
    if (this.supply && this.#policy.hear(signal)) void this.ask();
  }

  /** Takes out entries that must not come any more. The one on screen stays until it is left. */
  drop(unwanted: (video: Video) => boolean): void {
    this.entries = this.entries.filter((entry, index) => index <= this.current || !unwanted(entry.video));
  }

  /** Forgets what lies far behind. Returns how many places everything moved up. */
  trim(): number {
    if (this.current < TRIM_AT) return 0;
    const cut = this.current - KEEP_BEHIND;
    this.entries = this.entries.slice(cut);
    this.current -= cut;
    return cut;
  }

  /** Asks for a page in exchange for the tail; one request at a time. */
  async ask(): Promise<void> {
    if (!this.supply) return;
    if (this.#asking) {
      this.#again = true;
      return this.#asking;
    }
    this.#asking = this.#turn(this.supply).finally(() => (this.#asking = null));
    await this.#asking;
    if (this.#again && this.state !== 'failed') {
      this.#again = false;
      if (this.tail < LOW_TAIL || this.#policy.due) await this.ask();
    }
  }

  async #turn(supply: Supply): Promise<void> {
    const from = this.current;
    const handedFrom = from + 2;
    const head = this.entries[handedFrom];
    const handBack = head?.page ? { page: head.page, slot: head.slot } : null;
    this.#policy.turned();
    if (!this.entries.length) this.state = 'loading';
    let page: Page;
    try {
      page = await supply.page(handBack);
    } catch (failure) {
      this.failure = failure;
      if (this.current >= this.entries.length - 1) this.state = 'failed';
      return;
    }
    // The viewer may have gone on meanwhile: what is on or next by now stays where it is.
    const keep = handBack ? Math.max(handedFrom, this.current + 2) : this.entries.length;
    const kept = this.entries.slice(0, keep);
    const near = new Set(kept.slice(from).map((entry) => entry.video.id));
    const fresh = page.items.filter((item) => !near.has(item.video.id));
    this.entries = [...kept, ...fresh.map((item) => Entry.ofItem(item, page))];
    this.failure = null;
    this.state = page.items.length === 0 && this.tail === 0 ? 'ended' : 'ready';
  }
}
