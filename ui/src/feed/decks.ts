import { Refusal } from '../api/client';
import type { Context, Video } from '../api/types';
import { stop } from '../state/stop.svelte';
import { Deck, type Supply } from './deck.svelte';
import { Entry } from './entry.svelte';
import { feedSupply } from './supply';

/** The feed as far as today's limit goes. Where nobody says that there is time left, there is none. */
const limited: Supply = {
  async page(handBack) {
    try {
      const page = await feedSupply.page(handBack);
      stop.after(page.rest_s, () => void mainDeck().ask());
      return page;
    } catch (failure) {
      const over = failure instanceof Refusal && failure.code === 'daily_limit';
      if (over || stop.due) stop.set(over ? failure.retryAfterS : null);
      throw failure;
    }
  },
};

let main: Deck | null = null;

/** The personal feed of this tab. It outlives the page it is shown on, so that coming back goes on. */
export function mainDeck(): Deck {
  main ??= new Deck(limited);
  return main;
}

/** The next visit to the feed starts afresh, for somebody else or after a block. */
export function forgetMainDeck(): void {
  main = null;
}

/** A closed list, such as one linked video or the videos of a profile. */
export function listDeck(videos: Video[], context: Context, start = 0): Deck {
  const deck = new Deck(
    null,
    videos.map((video) => new Entry(video, context)),
  );
  deck.current = start;
  return deck;
}

/** The list from which a video was opened, for the page that shows it. */
export const opened: { videos: Video[]; context: Context } = { videos: [], context: 'link' };
