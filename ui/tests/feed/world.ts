import type { Page, Video } from '../../src/api/types';
import type { HandBack, Supply } from '../../src/feed/deck.svelte';

export function video(id: string, creator = 'c'): Video {
  return {
    id,
    title: id,
    alt_text: '',
    language: 'en',
    hashtags: [],
    duration_ms: 5_000,
    width: 480,
    height: 854,
    created_at: '2026-01-01T00:00:00Z',
    demo: false,
    state: 'ready',
    creator: { id: creator, handle: creator, name: creator, following: false, self: false },
    sound: null,
    poster_url: null,
    strip_url: null,
    preview_url: null,
    sources: [],
    captions: [],
    provenance: null,
    warnings: [],
    liked: false,
    like_count: 0,
    comment_count: 0,
    share_url: '',
    note: null,
  };
}

/** Serves numbered videos and takes back what is handed back, as the server does. */
export class World implements Supply {
  asked: (HandBack | null)[] = [];
  left: number;
  #pages = new Map<string, string[]>();
  #pool: string[] = [];
  hold: Promise<void> | null = null;

  constructor(videos: number) {
    this.left = videos;
    for (let i = 0; i < videos; i++) this.#pool.push(`v${i}`);
  }

  async page(handBack: HandBack | null): Promise<Page> {
    this.asked.push(handBack);
    if (this.hold) await this.hold;
    if (handBack) {
      const back = this.#pages.get(handBack.page)?.splice(handBack.slot) ?? [];
      this.#pool.unshift(...back);
    }
    const ids = this.#pool.splice(0, 10);
    const page = `p${this.asked.length}`;
    this.#pages.set(page, [...ids]);
    const items = ids.map((id, slot) => ({
      slot,
      impression: `${page}.${slot}`,
      why: { code: 'similar' as const, text: '', numbers: {} },
      video: video(id, `c${id.at(-1)}`),
    }));
    return { page, mode: 'taste', items, notice: null, rest_s: null };
  }
}

export function gate(): { open: () => void; closed: Promise<void> } {
  let open = () => {};
  const closed = new Promise<void>((resolve) => (open = resolve));
  return { open, closed };
}
