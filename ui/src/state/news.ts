import type { UploadNews } from '../api/types';

type Listener = (uploads: UploadNews[]) => void;

const AGAIN_MS = 5_000;
const listeners = new Set<Listener>();
let unread: ((count: number) => void) | null = null;
let source: EventSource | null = null;
let again: ReturnType<typeof setTimeout> | undefined;
let last: UploadNews[] | null = null;

/**
 * Hear what one's uploads are doing, from now until the returned function is called. One line to
 * the server serves all who listen; each event is the whole list, so none can be missed.
 */
export function followUploads(listener: Listener): () => void {
  listeners.add(listener);
  if (last) listener(last);
  adjust();
  return () => {
    listeners.delete(listener);
    adjust();
  };
}

/** Hear how much of the inbox is unread, by the same line; `null` ends it. */
export function followUnread(listener: ((count: number) => void) | null): void {
  unread = listener;
  adjust();
}

/** A browser allows six lines to one host: whoever only wants to know what is unread holds none where nobody looks. */
function adjust(): void {
  const wanted = listeners.size > 0 || (unread !== null && !document.hidden);
  if (!wanted) close();
  else if (!source && again === undefined) open();
}

document.addEventListener('visibilitychange', adjust);

function open(): void {
  again = undefined;
  const line = new EventSource('/api/me/uploads/news');
  source = line;
  line.addEventListener('uploads', (event) => {
    last = JSON.parse(event.data as string) as UploadNews[];
    for (const listener of [...listeners]) listener(last);
  });
  line.addEventListener('inbox', (event) => unread?.((JSON.parse(event.data as string) as { unread: number }).unread));
  line.onerror = () => {
    // A dropped line is taken up again by the browser; a refusal is not, and may pass.
    if (line.readyState !== EventSource.CLOSED || source !== line) return;
    close();
    again = setTimeout(open, AGAIN_MS);
  };
}

function close(): void {
  clearTimeout(again);
  again = undefined;
  source?.close();
  source = null;
  last = null;
}
