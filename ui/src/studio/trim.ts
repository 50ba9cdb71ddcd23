/** A stretch of a local file, in milliseconds after its beginning. */
export interface Stretch {
  start: number;
  end: number;
}

export type Handle = keyof Stretch;

/** What is asked of the server: which part of the file, and whether without its sound. Nothing said is all of it. */
export interface Cut {
  start_ms?: number;
  end_ms?: number;
  mute?: boolean;
}

/** The server takes nothing shorter. */
export const SHORTEST_MS = 1_000;

/** As much of a file as may be posted. */
export function wholeOf(lengthMs: number, mostMs: number): Stretch {
  return { start: 0, end: Math.min(lengthMs, mostMs) };
}

/** The stretch once a handle was moved: within the file and a second long; what gets too long takes its other end along. */
export function moved(stretch: Stretch, handle: Handle, toMs: number, lengthMs: number, mostMs: number): Stretch {
  const to = Math.round(toMs);
  if (handle === 'start') {
    const start = Math.max(0, Math.min(to, stretch.end - SHORTEST_MS));
    return { start, end: Math.min(stretch.end, start + mostMs) };
  }
  const end = Math.min(lengthMs, Math.max(to, stretch.start + SHORTEST_MS));
  return { start: Math.max(stretch.start, end - mostMs), end };
}

/** Where a key takes a handle; null for a key that does not move it. */
export function keyed(key: string, at: number, lengthMs: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -100,
    ArrowDown: -100,
    ArrowRight: 100,
    ArrowUp: 100,
    PageDown: -1_000,
    PageUp: 1_000,
    Home: -Infinity,
    End: Infinity,
  };
  const step = steps[key];
  return step === undefined ? null : Math.min(lengthMs, Math.max(0, at + step));
}

/** What to tell the server; the ends of the file are not worth a word. */
export function cutOf(stretch: Stretch | null, lengthMs: number, mute: boolean): Cut {
  const cut: Cut = {};
  if (stretch && stretch.start > 0) cut.start_ms = stretch.start;
  if (stretch && stretch.end < lengthMs) cut.end_ms = stretch.end;
  if (mute) cut.mute = true;
  return cut;
}

/** `1:05.4`, as people read times of a film. */
export function clock(ms: number, tenths = false): string {
  const shown = tenths ? Math.round(ms / 100) / 10 : Math.floor(ms / 1000);
  const seconds = (shown % 60).toFixed(tenths ? 1 : 0).padStart(tenths ? 4 : 2, '0');
  return `${Math.floor(shown / 60)}:${seconds}`;
}
