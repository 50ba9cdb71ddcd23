import { stop, STOPPED } from './stop.svelte';

const HELD = 'penchant.stopped-held';

/** Whoever was stopped has gone: time that somebody else has left does not open this browser again today. */
export function hold(): void {
  localStorage.setItem(HELD, String(stop.until));
}

export function held(): boolean {
  return localStorage.getItem(HELD) === String(stop.until);
}

export function lift(): void {
  localStorage.removeItem(STOPPED);
  localStorage.removeItem(HELD);
  stop.until = 0;
}
