import { beforeLeaving, events } from '../events/index';
import { Stopwatch, WatchMeter } from '../events/meter';
import type { Entry } from './entry.svelte';
import { outcomeOf, type Signal } from './turn';

const SHOWN_AFTER_MS = 250;
const REPORT_EVERY_MS = 5_000;

let plays = 0;

/** One video being the current one, from the moment it came on until it was left. */
export class Viewing {
  readonly #play = ++plays;
  readonly #meter: WatchMeter;
  readonly #foreground = new Stopwatch(() => performance.now());
  readonly #shownTimer: ReturnType<typeof setTimeout>;
  readonly #reportTimer: ReturnType<typeof setInterval>;
  readonly #report = () => this.report();
  readonly #visibility = () => this.#foreground.run(document.visibilityState === 'visible');
  #shown = false;
  #finished = false;

  constructor(
    private readonly entry: Entry,
    private readonly mediaMs: () => number,
    private readonly heard: (signal: Signal) => void,
  ) {
    this.#meter = new WatchMeter(entry.video.duration_ms);
    this.#meter.tick(mediaMs());
    this.#visibility();
    document.addEventListener('visibilitychange', this.#visibility);
    beforeLeaving.add(this.#report);
    this.#shownTimer = setTimeout(() => this.#show(), SHOWN_AFTER_MS);
    this.#reportTimer = setInterval(this.#report, REPORT_EVERY_MS);
  }

  /** Looks at the media time; to be called at every `timeupdate`. */
  tick(): void {
    this.#meter.tick(this.mediaMs());
    if (this.#finished || outcomeOf(this.#meter.share, this.#meter.watchedMs) !== 'finish') return;
    this.#finished = true;
    this.report();
    this.heard('finish');
  }

  report(): void {
    if (!this.#shown) return;
    this.#meter.tick(this.mediaMs());
    const { watchedMs, durationMs, loops } = this.#meter;
    events.add(
      {
        kind: 'watch',
        video: this.entry.video.id,
        play: this.#play,
        watched_ms: Math.round(watchedMs),
        duration_ms: Math.round(durationMs),
        loops,
        foreground_ms: Math.round(this.#foreground.ms),
      },
      this.entry.context,
      this.entry.impression,
    );
  }

  end(): void {
    clearTimeout(this.#shownTimer);
    clearInterval(this.#reportTimer);
    document.removeEventListener('visibilitychange', this.#visibility);
    beforeLeaving.delete(this.#report);
    this.#foreground.run(false);
    if (!this.#shown) return;
    this.report();
    void events.flush();
    if (!this.#finished && outcomeOf(this.#meter.share, this.#meter.watchedMs) === 'skip') this.heard('skip');
  }

  #show(): void {
    this.#shown = true;
    events.add({ kind: 'shown', video: this.entry.video.id }, this.entry.context, this.entry.impression);
  }
}
