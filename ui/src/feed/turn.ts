export type Signal = 'finish' | 'skip' | 'like' | 'not_interested' | 'block';

const EXPLICIT: ReadonlySet<Signal> = new Set(['like', 'not_interested', 'block']);
const PASSIVE_EVERY_SWIPES = 2;

/**
 * Decides when the part of the page that is not near yet is worth asking for again.
 *
 * What a viewer says (like, not interested) counts at once; what they merely do (finish, skip)
 * at most every couple of swipes.
 */
export class TurnPolicy {
  #swipesSince = PASSIVE_EVERY_SWIPES;
  #heard = false;

  swiped(): void {
    this.#swipesSince += 1;
  }

  /** Remembers the signal; true if the page should turn now. */
  hear(signal: Signal): boolean {
    this.#heard = true;
    return EXPLICIT.has(signal) || this.#swipesSince >= PASSIVE_EVERY_SWIPES;
  }

  /** True if an earlier signal still waits for its turn and enough was swiped since. */
  get due(): boolean {
    return this.#heard && this.#swipesSince >= PASSIVE_EVERY_SWIPES;
  }

  turned(): void {
    this.#swipesSince = 0;
    this.#heard = false;
  }
}

/** How a play ended, by the share watched (1 = once through) and the time watched. */
export function outcomeOf(share: number, watchedMs: number): 'finish' | 'skip' | null {
  if (share >= 0.9) return 'finish';
  if (share < 0.5 && watchedMs < 2_000) return 'skip';
  return null;
}
