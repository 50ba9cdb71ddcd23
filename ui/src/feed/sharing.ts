import { events } from '../events/index';
import { shareWords } from '../sheets/share-words';
import { notices } from '../state/notices.svelte';
import type { Entry } from './entry.svelte';

export function shareAddress(entry: Entry): string {
  return new URL(entry.video.share_url || `/v/${entry.video.id}`, location.origin).href;
}

/** What another site's page needs to show the player: as `/oembed` says it. */
export function embedCode(entry: Entry): string {
  const { id, title, width, height } = entry.video;
  const address = new URL(`/embed/${id}`, shareAddress(entry)).href;
  const scale = Math.min(360 / width, 640 / height);
  const size = `width="${Math.round(width * scale)}" height="${Math.round(height * scale)}"`;
  return `<iframe src="${address}" ${size} title="${escaped(title)}" allow="fullscreen" style="border:0"></iframe>`;
}

/** Whether the system has a sheet of its own for handing links on. */
export const bySystem = typeof navigator !== 'undefined' && typeof navigator.share === 'function';

export async function handOn(entry: Entry): Promise<void> {
  try {
    await navigator.share({ title: entry.video.title, url: shareAddress(entry) });
    shared(entry, 'system');
  } catch (failure) {
    if (!(failure instanceof DOMException) || failure.name !== 'AbortError') await copyLink(entry);
  }
}

export async function copyLink(entry: Entry): Promise<void> {
  await copyOf(entry, shareAddress(entry), shareWords().copied);
}

export async function copyEmbed(entry: Entry): Promise<void> {
  await copyOf(entry, embedCode(entry), shareWords().copiedCode);
}

async function copyOf(entry: Entry, text: string, done: string): Promise<void> {
  const copied = await copyText(text);
  notices.say(copied ? done : shareWords().failed);
  if (copied) shared(entry, 'copy');
}

function shared(entry: Entry, via: 'copy' | 'system'): void {
  events.add({ kind: 'share', video: entry.video.id, via }, entry.context, entry.impression);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** Copies also where the clipboard API is missing, as on a LAN address without HTTPS. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => byHand(text),
    );
  }
  return byHand(text);
}

function byHand(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'unseen';
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  return copied;
}
