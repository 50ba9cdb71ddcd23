import type { Context, Item, Page, Video, Why } from '../api/types';

let made = 0;

/** The hashtags that the title does not already say. */
export function furtherTags(video: Video): string[] {
  const title = video.title.toLowerCase();
  return video.hashtags.filter((tag) => !title.includes(`#${tag.toLowerCase()}`));
}

/** One place in a deck: a video, why it is there, and which page asked for it. */
export class Entry {
  readonly key = ++made;
  video = $state() as Video;

  constructor(
    video: Video,
    readonly context: Context,
    readonly page: string | null = null,
    readonly slot = 0,
    readonly impression: string | null = null,
    readonly why: Why | null = null,
    /** All that came with its page. */
    readonly beside: Item[] | null = null,
  ) {
    this.video = video;
  }

  static ofItem(item: Item, { page, items }: Page): Entry {
    return new Entry(item.video, 'feed', page, item.slot, item.impression, item.why, items);
  }
}
