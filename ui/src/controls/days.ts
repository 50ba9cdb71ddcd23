import type { Watched } from '../api/types';

export interface Day {
  /** Of its first entry. */
  at: string;
  watched: Watched[];
}

/** Entries that come newest first, by the day in the time zone of whoever looks. */
export function byDay(watched: readonly Watched[]): Day[] {
  const days: Day[] = [];
  for (const one of watched) {
    const last = days.at(-1);
    if (last && new Date(last.at).toDateString() === new Date(one.at).toDateString()) last.watched.push(one);
    else days.push({ at: one.at, watched: [one] });
  }
  return days;
}

/** How much of it was watched, 0 to 1; null where it was only seen. */
export function shareOf({ watched_ms, duration_ms }: Watched): number | null {
  return watched_ms > 0 && duration_ms > 0 ? Math.min(1, watched_ms / duration_ms) : null;
}
