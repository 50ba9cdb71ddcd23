/** One second more than the slowest `timeupdate`; a longer step is a jump, not watching. */
const LONGEST_STEP_MS = 1_500;

/**
 * Adds up how much of a looping video was really watched.
 *
 * `tick` takes the media time in ms; a step back to the start is a loop. Times are media time,
 * so a stalled or paused video adds nothing.
 */
export class WatchMeter {
  watchedMs = 0;
  loops = 0;
  #last: number | null = null;

  constructor(public durationMs: number) {}

  tick(mediaMs: number): void {
    const last = this.#last;
    this.#last = mediaMs;
    if (last === null) return;
    const step = mediaMs - last;
    if (step >= 0) {
      if (step <= LONGEST_STEP_MS) this.watchedMs += step;
      return;
    }
    if (-step < this.durationMs / 2) return;
    this.loops += 1;
    this.watchedMs += Math.min(LONGEST_STEP_MS, Math.max(0, this.durationMs - last)) + mediaMs;
  }

  /** The share of the video that was watched; more than 1 after a loop. */
  get share(): number {
    return this.durationMs > 0 ? this.watchedMs / this.durationMs : 0;
  }
}

/** Wall time during which this was the current video of a visible page. */
export class Stopwatch {
  #total = 0;
  #since: number | null = null;

  constructor(private readonly now: () => number) {}

  run(running: boolean): void {
    if (running && this.#since === null) this.#since = this.now();
    if (!running && this.#since !== null) {
      this.#total += this.now() - this.#since;
      this.#since = null;
    }
  }

  get ms(): number {
    return this.#total + (this.#since === null ? 0 : this.now() - this.#since);
  }
}
