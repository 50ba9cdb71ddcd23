import { events } from '../events/index';
import type { Entry } from './entry.svelte';

/** Writes down that a video led to its creator's page. */
export function openProfile(entry: Entry): void {
  events.add({ kind: 'profile_open', creator: entry.video.creator.id }, entry.context, entry.impression);
}
