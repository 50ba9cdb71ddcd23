import { Upload, type PreviousUpload } from 'tus-js-client';
import { Refusal, refusal, request } from '../api/client';
import type { OwnVideo, Reason, UploadNews, UploadState, UploadStep } from '../api/types';
import { followUploads } from '../state/news';
import { transfer } from '../state/transfer.svelte';
import type { Cut } from '../studio/trim';

const ENDPOINT = '/api/uploads';
const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRIES_MS = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000, 30_000];
const STATES: Record<UploadStep, UploadState> = {
  receiving: 'receiving',
  received: 'uploaded',
  checked: 'processing',
  picture: 'processing',
  playable: 'ready',
  complete: 'ready',
};

export interface Details extends Cut {
  title: string;
  hashtags: string[];
  language: string;
  alt_text: string;
  /** Id of the sound that is heard instead of its own. */
  sound?: string;
}

/** What makes another video of the same bytes. */
const CUT = ['start_ms', 'end_ms', 'mute'] as const;

/**
 * One upload from the first byte to the playable video. It lives outside its page, so that one
 * can go on watching meanwhile; tus keeps the address of an unfinished upload in the browser,
 * so that choosing the same file again goes on where it stopped, after a reload too.
 */
class Publishing {
  state = $state<UploadState | 'idle'>('idle');
  /** Share of the bytes that the server has, 0..1. */
  share = $state(0);
  waiting = $state(false);
  /** How far the server has come with it, and the share of the next step that is done. */
  step = $state<UploadStep>('receiving');
  stepShare = $state(0);
  /** The video that the same bytes were posted as before. */
  twin = $state<string | null>(null);
  reason = $state.raw<Reason | null>(null);
  failure = $state.raw<Refusal | null>(null);
  video = $state<string | null>(null);
  fileName = $state('');
  #upload: Upload | null = null;
  #stop: () => void = () => {};

  get busy(): boolean {
    return this.state === 'receiving' || this.state === 'uploaded' || this.state === 'processing';
  }

  /** `arrived` is told once the server has all of the file. */
  async start(file: File, details: Details, arrived: () => void = () => {}): Promise<void> {
    this.reset();
    this.state = 'receiving';
    this.fileName = file.name;
    transfer.progress = 0;
    addEventListener('beforeunload', guard);
    const cut = Object.fromEntries(CUT.flatMap((key) => (details[key] === undefined ? [] : [[key, String(details[key])]])));
    const upload = new Upload(file, {
      endpoint: ENDPOINT,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRIES_MS,
      removeFingerprintOnSuccess: true,
      metadata: {
        filename: file.name,
        filetype: file.type,
        title: details.title,
        hashtags: details.hashtags.join(','),
        language: details.language,
        alt_text: details.alt_text,
        ...cut,
        ...(details.sound ? { sound: details.sound } : {}),
      },
      onProgress: (sent, size) => {
        this.waiting = false;
        this.#show(size ? sent / size : 0);
      },
      onShouldRetry: (failure) => {
        const status = failure.originalResponse?.getStatus() ?? 0;
        this.waiting = status === 0;
        return status === 0 || status === 409 || status === 423 || status === 429 || status >= 500;
      },
      onError: (failure) => this.#fail(failure),
      onSuccess: () => {
        arrived();
        this.#received();
      },
    });
    this.#upload = upload;
    const [before] = await upload.findPreviousUploads();
    if (before) {
      if (await revised(before, details)) upload.resumeFromPreviousUpload(before);
      else await upload.options.urlStorage?.removeUpload(before.urlStorageKey);
    }
    upload.start();
  }

  async cancel(): Promise<void> {
    await this.#upload?.abort(true).catch(() => {});
    this.reset();
  }

  /** Make a video of a file that was posted before. */
  async postAnyway(): Promise<void> {
    await request('POST', `${ENDPOINT}/${this.#id}/post`);
    this.twin = null;
    this.#received();
  }

  async retry(): Promise<void> {
    if (this.video && this.reason?.retry) {
      await request<OwnVideo>('POST', `/api/videos/${this.video}/retry`);
      this.reason = null;
      this.#received();
    } else if (this.#upload) {
      this.failure = null;
      this.state = 'receiving';
      addEventListener('beforeunload', guard);
      this.#upload.start();
    }
  }

  reset(): void {
    this.#stop();
    removeEventListener('beforeunload', guard);
    this.#upload = null;
    this.state = 'idle';
    this.share = 0;
    this.waiting = false;
    this.step = 'receiving';
    this.stepShare = 0;
    this.twin = null;
    this.reason = null;
    this.failure = null;
    this.video = null;
    transfer.progress = null;
  }

  #show(share: number): void {
    this.share = share;
    transfer.progress = share;
  }

  get #id(): string {
    return this.#upload?.url?.split('/').pop() ?? '';
  }

  #received(): void {
    removeEventListener('beforeunload', guard);
    this.#show(1);
    this.state = 'uploaded';
    this.step = 'received';
    this.#stop();
    this.#stop = followUploads((uploads) => {
      const news = uploads.find((upload) => upload.upload === this.#id);
      if (news) this.#hear(news);
    });
  }

  #hear(news: UploadNews): void {
    this.video = news.video;
    this.reason = news.reason;
    this.twin = news.duplicate_of;
    if (news.step === 'failed' || news.step === 'duplicate') {
      this.state = news.step;
    } else {
      this.step = news.step;
      this.stepShare = news.share;
      this.state = STATES[news.step];
    }
    if (this.state === 'ready' || this.state === 'failed' || this.state === 'duplicate') transfer.progress = null;
    if (news.step === 'complete' || news.step === 'failed') this.#stop();
  }

  #fail(failure: Error): void {
    removeEventListener('beforeunload', guard);
    this.state = 'failed';
    this.waiting = false;
    transfer.progress = null;
    this.failure = failure instanceof Refusal ? failure : asRefusal(failure);
  }
}

/** Whether an upload that was begun before may go on: it takes what is said now, or wants the same of the file. */
async function revised(before: PreviousUpload, details: Details): Promise<boolean> {
  try {
    await request('PUT', new URL(before.uploadUrl ?? '', location.href).pathname, details);
    return true;
  } catch {
    return CUT.every((key) => String(before.metadata[key] ?? '') === String(details[key] ?? ''));
  }
}

function asRefusal(failure: Error): Refusal {
  const response = (failure as { originalResponse?: { getStatus(): number; getBody(): string } | null }).originalResponse;
  if (!response?.getStatus()) return new Refusal(0, 'offline', '');
  let body: unknown = null;
  try {
    body = JSON.parse(response.getBody());
  } catch {
    // A proxy's error page has no words for us.
  }
  return refusal(response.getStatus(), body);
}

function guard(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

export const publishing = new Publishing();

/** Uploads that a reload or a closed page left unfinished, by file name. */
export async function unfinished(): Promise<{ name: string; forget: () => Promise<void> }[]> {
  const probe = new Upload(new Blob(), {});
  const storage = probe.options.urlStorage;
  const found: PreviousUpload[] = (await storage?.findAllUploads()) ?? [];
  return found.map((upload) => ({
    name: upload.metadata.filename ?? '',
    forget: async () => storage?.removeUpload(upload.urlStorageKey),
  }));
}
