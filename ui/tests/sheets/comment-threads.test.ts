import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Comment } from '../../src/api/types';
import type { Entry } from '../../src/feed/entry.svelte';

const { Threads } = await import('../../src/sheets/comment-threads.svelte');

const comment = (id: string, given: Partial<Comment> = {}): Comment => ({
  id,
  video: 'v',
  text: id,
  created_at: '2026-01-01T00:00:00Z',
  author: { id: 'a', handle: 'ada', name: '' },
  mine: false,
  muted: false,
  state: 'shown',
  parent: null,
  answers: null,
  mentions: {},
  edited_at: null,
  editable_until: null,
  pinned: false,
  like_count: 0,
  liked: false,
  reply_count: 0,
  ...given,
});
const page = (comments: Comment[], next: string | null = null) => ({ comments, next, own: true });

let answers: unknown[] = [];
const asked: string[] = [];
vi.stubGlobal('fetch', async (path: string, { method }: RequestInit) => {
  asked.push(`${method} ${path}`);
  const body = answers.shift();
  return new Response(body === undefined ? null : JSON.stringify(body), { status: body === undefined ? 204 : 200 });
});

describe('the comments of a video', () => {
  let entry: Entry;
  beforeEach(() => {
    answers = [];
    asked.length = 0;
    entry = { video: { id: 'v', comment_count: 3 } } as Entry;
  });

  it('come in pages without coming twice', async () => {
    const threads = new Threads(entry);
    answers = [page([comment('1'), comment('2')], 'n'), page([comment('2'), comment('3')])];
    await threads.load();
    await threads.load(true);
    expect(threads.comments.map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(asked[1]).toContain('&before=n');
  });

  it('are said after the pinned one, and answered under what they answer', async () => {
    const threads = new Threads(entry);
    answers = [page([comment('pinned', { pinned: true })]), comment('new'), comment('answer', { parent: 'new' }), page([comment('answer', { parent: 'new' })])];
    await threads.load();
    await threads.write('new', null);
    expect(threads.comments.map(({ id }) => id)).toEqual(['pinned', 'new']);
    await threads.write('answer', threads.comments[1]!);
    expect(threads.answers.new!.list.map(({ id }) => id)).toEqual(['answer']);
    expect(threads.comments[1]!.reply_count).toBe(1);
    expect(entry.video.comment_count).toBe(5);
  });

  it('keep their place once they are deleted while there are answers', async () => {
    const threads = new Threads(entry);
    const answer = comment('answer', { parent: 'root' });
    answers = [page([comment('root', { reply_count: 1 })]), page([answer])];
    await threads.load();
    const [root] = threads.comments;
    await threads.open(root!);
    await threads.remove(root!);
    expect([root!.state, root!.author, root!.text]).toEqual(['deleted', null, '']);
    await threads.remove(threads.answers.root!.list[0]!);
    expect(threads.comments).toEqual([]);
    expect(entry.video.comment_count).toBe(1);
  });

  it('count what everybody sees', async () => {
    const threads = new Threads(entry);
    answers = [page([comment('held', { state: 'held' }), comment('shown')])];
    await threads.load();
    const [held, shown] = threads.comments;
    await threads.letIn(held!);
    expect(entry.video.comment_count).toBe(4);
    await threads.hide(shown!);
    await threads.remove(shown!);
    expect(entry.video.comment_count).toBe(3);
  });
});
