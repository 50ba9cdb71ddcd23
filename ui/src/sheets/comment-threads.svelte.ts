import { request } from '../api/client';
import type { Comment, CommentOrder, Comments } from '../api/types';
import type { Entry } from '../feed/entry.svelte';
import { wordsFor } from '../messages/index.svelte';

const ORDER = 'penchant.comment-order';

interface Answers {
  list: Comment[];
  next: string | null;
}

/** The comments of one video, page by page, and what somebody does with them. Whoever calls says what was refused. */
export class Threads {
  comments = $state<Comment[]>([]);
  answers = $state<Record<string, Answers>>({});
  next = $state<string | null>(null);
  /** Whether the viewer made the video. */
  own = $state(false);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  failure = $state('');
  order = $state<CommentOrder>(localStorage.getItem(ORDER) === 'newest' ? 'newest' : 'likes');
  #asked = 0;

  constructor(readonly entry: Entry) {}

  async load(more = false): Promise<void> {
    const asked = ++this.#asked;
    if (!more) this.phase = 'loading';
    try {
      const before = more && this.next ? `&before=${this.next}` : '';
      const page = await request<Comments>('GET', `/api/videos/${this.entry.video.id}/comments?order=${this.order}${before}`);
      if (asked !== this.#asked) return;
      this.comments = more ? fresh(this.comments, page.comments) : page.comments;
      if (!more) this.answers = {};
      this.next = page.next;
      this.own = page.own;
      this.phase = 'ready';
    } catch (refused) {
      if (asked !== this.#asked) return;
      this.failure = wordsFor(refused);
      this.phase = 'failed';
    }
  }

  choose(order: CommentOrder): void {
    this.order = order;
    localStorage.setItem(ORDER, order);
    void this.load();
  }

  /** Fetch what answers a comment: all that is there at first, then page by page. */
  async open(root: Comment): Promise<void> {
    const known = this.answers[root.id];
    const after = known?.next ? `?after=${known.next}` : '';
    const page = await request<Comments>('GET', `/api/comments/${root.id}/replies${after}`);
    this.answers[root.id] = { list: fresh(known?.list ?? [], page.comments), next: page.next };
  }

  fold(root: Comment): void {
    delete this.answers[root.id];
  }

  async write(text: string, answers: Comment | null): Promise<Comment> {
    const body = answers ? { text, answers: answers.id } : { text };
    const made = await request<Comment>('POST', `/api/videos/${this.entry.video.id}/comments`, body);
    if (made.state === 'shown') this.#count(1);
    const root = this.comments.find(({ id }) => id === made.parent);
    if (root) {
      root.reply_count += 1;
      const open = this.answers[root.id];
      if (!open) await this.open(root);
      else if (!open.next) open.list.push(made);
    } else if (!made.parent) {
      const place = this.comments[0]?.pinned ? 1 : 0;
      this.comments.splice(place, 0, made);
    }
    return made;
  }

  async edit(comment: Comment, text: string): Promise<void> {
    const was = comment.state;
    Object.assign(comment, await request<Comment>('PUT', `/api/comments/${comment.id}`, { text }));
    this.#changed(was, comment.state);
  }

  async like(comment: Comment): Promise<void> {
    const { id, liked } = comment;
    Object.assign(comment, await request<object>(liked ? 'DELETE' : 'PUT', `/api/comments/${id}/like`));
  }

  async pin(comment: Comment): Promise<void> {
    await request(comment.pinned ? 'DELETE' : 'PUT', `/api/comments/${comment.id}/pin`);
    await this.load();
  }

  async hide(comment: Comment): Promise<void> {
    const hide = comment.state !== 'hidden';
    await request(hide ? 'PUT' : 'DELETE', `/api/comments/${comment.id}/hidden`);
    this.#changed(comment.state, hide ? 'hidden' : 'shown');
    comment.state = hide ? 'hidden' : 'shown';
    comment.pinned = false;
  }

  async letIn(comment: Comment): Promise<void> {
    await request('DELETE', `/api/comments/${comment.id}/held`);
    this.#changed(comment.state, 'shown');
    comment.state = 'shown';
  }

  async remove(comment: Comment): Promise<void> {
    await request('DELETE', `/api/comments/${comment.id}`);
    this.#changed(comment.state, 'deleted');
    const root = this.comments.find(({ id }) => id === (comment.parent ?? comment.id));
    const open = comment.parent && this.answers[comment.parent];
    if (comment.reply_count) Object.assign(comment, { state: 'deleted', author: null, text: '', pinned: false });
    else if (!comment.parent) this.comments = this.comments.filter(({ id }) => id !== comment.id);
    if (open && root) {
      open.list = open.list.filter(({ id }) => id !== comment.id);
      root.reply_count -= 1;
      if (!root.reply_count && !root.author) this.comments = this.comments.filter(({ id }) => id !== root.id);
    }
  }

  #changed(was: Comment['state'], is: Comment['state']): void {
    if (was !== is && (was === 'shown' || is === 'shown')) this.#count(is === 'shown' ? 1 : -1);
  }

  #count(change: number): void {
    const { video } = this.entry;
    video.comment_count = Math.max(0, video.comment_count + change);
  }
}

/** A list and what follows it, without what is there already: a like that was taken back moves a comment down. */
function fresh(list: Comment[], further: Comment[]): Comment[] {
  const known = new Set(list.map(({ id }) => id));
  return [...list, ...further.filter(({ id }) => !known.has(id))];
}
