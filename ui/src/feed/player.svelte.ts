import type { Captions, Video } from '../api/types';
import { preferences } from '../state/preferences.svelte';
import type { Entry } from './entry.svelte';
import { pool } from './pool';
import { chooseSource, currentConditions } from './source';
import type { Signal } from './turn';
import { isVeiled } from './veil';
import { Viewing } from './viewing';

/** Where a video stands: on screen, next to come, just left, or merely within reach. */
export type Standing = 'current' | 'next' | 'previous' | 'far';

/** Enough in hand that fetching the next video does not take the line from this one. */
const AHEAD_S = 4;

/** The captions that are shown: in the language of the page, else of the video, else the first. */
export function captionsOf({ captions, language }: Video): Captions | undefined {
  const found = [document.documentElement.lang, language].map((wanted) => captions.find((one) => one.language === wanted));
  return found.find(Boolean) ?? captions[0];
}

/** What the videos of one feed share. */
export class Stage {
  /** The current video runs with enough in hand; now the next one may be fetched. */
  settled = $state(false);
  /** Measured once and at a change of size: to ask the page during a swipe costs a layout. */
  widthPx = innerWidth;
  heightPx = innerHeight;
}

/** Plays one entry with an element from the pool. */
export class Player {
  paused = $state(false);
  /** A frame of this video is on the screen, so the poster may go. */
  visible = $state(false);
  stalled = $state(false);
  failed = $state(false);
  /** It may disturb, and nobody has asked to see it: nothing is fetched, nothing plays. */
  veiled = $state(false);
  /** Share of the video that has passed, 0..1. */
  share = $state(0);
  /** What the captions say at this moment. */
  words = $state('');
  #element: HTMLVideoElement | null = null;
  #listeners: AbortController | null = null;
  #viewing: Viewing | null = null;
  #standing: Standing = 'far';
  #stallTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly entry: Entry,
    private readonly stage: Stage,
    private readonly heard: (signal: Signal) => void,
  ) {
    this.veiled = isVeiled(entry.video);
  }

  /** Takes a standing. The next video is only fetched once `mayLoad`. */
  place(standing: Standing, host: HTMLElement, mayLoad = true): void {
    const before = this.#standing;
    this.#standing = standing;
    if (before === 'current' && standing !== 'current') this.#leave();
    if (standing === 'far') this.release();
    else if (standing === 'next' && mayLoad) this.#prepare(host);
    else if (standing === 'current' && before !== 'current') this.#enter(host);
  }

  release(): void {
    this.#leave();
    this.#listeners?.abort();
    if (this.#element) pool.give(this.#element);
    this.#element = null;
    this.visible = false;
    this.words = '';
    this.#standing = 'far';
  }

  unveil(host: HTMLElement): void {
    this.veiled = false;
    this.#prepare(host);
    void this.#play();
  }

  toggle(): void {
    if (this.veiled) return;
    this.paused = !this.paused;
    if (this.paused) this.#element?.pause();
    else void this.#play();
  }

  silence(silent: boolean): void {
    if (this.#element) this.#element.muted = silent;
  }

  /** A hidden page does not play on, and one that comes back goes on by itself. */
  pageVisible(visible: boolean): void {
    if (this.#standing !== 'current') return;
    if (!visible) this.#element?.pause();
    else if (!this.paused) void this.#play();
  }

  retry(host: HTMLElement): void {
    this.release();
    this.failed = false;
    this.place('current', host);
  }

  #enter(host: HTMLElement): void {
    // What does not play keeps nobody else from being fetched.
    this.stage.settled = this.veiled;
    this.paused = false;
    this.#prepare(host);
    this.#viewing = new Viewing(this.entry, () => (this.#element?.currentTime ?? 0) * 1000, this.heard);
    void this.#play();
  }

  #leave(): void {
    clearTimeout(this.#stallTimer);
    this.stalled = false;
    this.#element?.pause();
    this.#viewing?.end();
    this.#viewing = null;
  }

  #prepare(host: HTMLElement): void {
    if (this.#element || this.veiled) return;
    const { video } = this.entry;
    const source = chooseSource(video.sources, currentConditions(this.stage.widthPx), video.duration_ms);
    if (!source) {
      this.failed = true;
      return;
    }
    const element = pool.take();
    this.#element = element;
    this.#listen(element);
    element.muted = preferences.silent;
    element.src = source.url;
    this.#caption(element);
    host.append(element);
  }

  /** The page shows the words itself: a browser would put them under the title. */
  #caption(element: HTMLVideoElement): void {
    const chosen = captionsOf(this.entry.video);
    if (!chosen) return;
    const track = document.createElement('track');
    track.src = chosen.url;
    track.srclang = chosen.language;
    element.append(track);
    track.track.mode = 'hidden';
    track.track.oncuechange = () => {
      this.words = [...(track.track.activeCues ?? [])].map((cue) => (cue as VTTCue).getCueAsHTML().textContent).join('\n');
    };
  }

  async #play(): Promise<void> {
    const element = this.#element;
    if (!element || document.visibilityState === 'hidden') return;
    try {
      await element.play();
    } catch (failure) {
      if (!(failure instanceof DOMException) || failure.name !== 'NotAllowedError') return;
      if (element !== this.#element) return;
      if (element.muted) this.paused = true;
      else {
        preferences.soundHeldBack = true;
        element.muted = true;
        await element.play().catch(() => (this.paused = true));
      }
    }
  }

  #listen(element: HTMLVideoElement): void {
    this.#listeners = new AbortController();
    const on = (name: keyof HTMLMediaElementEventMap, act: () => void) =>
      element.addEventListener(name, act, { signal: this.#listeners!.signal, passive: true });
    on('timeupdate', () => this.#tick(element));
    on('progress', () => this.#settle(element));
    on('playing', () => {
      clearTimeout(this.#stallTimer);
      this.stalled = false;
      this.failed = false;
      this.#uncover(element);
      this.#settle(element);
    });
    on('waiting', () => {
      clearTimeout(this.#stallTimer);
      this.#stallTimer = setTimeout(() => (this.stalled = true), 400);
    });
    on('error', () => {
      this.failed = true;
      this.stage.settled = true;
    });
  }

  #uncover(element: HTMLVideoElement): void {
    if ('requestVideoFrameCallback' in element) {
      element.requestVideoFrameCallback(() => (this.visible = element === this.#element));
    } else this.visible = true;
  }

  #tick(element: HTMLVideoElement): void {
    if (this.#standing !== 'current') return;
    this.share = element.duration > 0 ? element.currentTime / element.duration : 0;
    this.#viewing?.tick();
    this.#settle(element);
  }

  #settle(element: HTMLVideoElement): void {
    if (this.stage.settled || this.#standing !== 'current' || element.paused) return;
    const { buffered, currentTime, duration } = element;
    const end = buffered.length ? buffered.end(buffered.length - 1) : 0;
    if (end >= duration - 0.2 || end - currentTime >= AHEAD_S) this.stage.settled = true;
  }
}
