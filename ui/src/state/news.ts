import type { UploadNews } from '../api/types';

type Listener = (uploads: UploadNews[]) => void;

const AGAIN_MS = 5_000;
const listeners = new Set<Listener>();
let source: EventSource | null = null;
let again: ReturnType<typeof setTimeout> | undefined;
let last: UploadNews[] | null = null;

/**
 * Hear what one's uploads are doing, from now until the returned function is called. One line to
 * the server serves all who listen; each event is the whole list, so none can be missed.
 */
export function followUploads(listener: Listener): () => void {
  listeners.add(listener);
  if (source) {
    if (last) listener(last);
  } else open();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) close();
  };
}

function open(): void {
  const line = new EventSource('/api/me/uploads/news');
  source = line;
  line.addEventListener('uploads', (event) => {
    last = JSON.parse(event.data as string) as UploadNews[];
    for (const listener of [...listeners]) listener(last);
  });
  line.onerror = () => {
    // A dropped line is taken up again by the browser; a refusal is not, and may pass.
    if (line.readyState !== EventSource.CLOSED || source !== line) return;
    close();
    again = setTimeout(open, AGAIN_MS);
  };
}

function close(): void {
  clearTimeout(again);
  source?.close();
  source = null;
  last = null;
}
