import { hasSeveralCameras, openCamera, recordingFormat, troubleHere, troubleOf, type Facing, type Trouble } from './camera';

export type RecordingState = 'idle' | 'asking' | 'live' | 'recording' | 'paused' | 'done';

const TICK_MS = 100;
const PIECE_MS = 1_000;
const BITS_PER_S = 8_000_000;
/** Some of the largest upload is left for sound and wrapping. */
const FILL = 0.85;

/** One recording, from the question for the camera to the file. */
export class Recording {
  state = $state<RecordingState>('idle');
  trouble = $state<Trouble | null>(null);
  stream = $state.raw<MediaStream | null>(null);
  facing = $state<Facing>('user');
  several = $state(false);
  elapsedMs = $state(0);
  file = $state.raw<File | null>(null);
  #recorder: MediaRecorder | null = null;
  #pieces: Blob[] = [];
  #since = 0;
  #before = 0;
  #clock: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly mostMs: number,
    private readonly mostBytes: number,
    private readonly made: (file: File, lengthMs: number) => void,
  ) {}

  get hasSound(): boolean {
    return (this.stream?.getAudioTracks().length ?? 0) > 0;
  }

  /** Asks for the camera: only ever after a tap. */
  async open(facing: Facing = this.facing): Promise<void> {
    this.trouble = troubleHere();
    if (this.trouble) return;
    this.state = 'asking';
    this.#letGo();
    try {
      const stream = await openCamera(facing);
      // Closed while the browser was asking.
      if (this.state !== 'asking') return stream.getTracks().forEach((track) => track.stop());
      this.stream = stream;
      this.facing = facing;
      this.state = 'live';
      stream.getVideoTracks()[0]?.addEventListener('ended', () => this.stop());
      this.several = await hasSeveralCameras();
    } catch (failure) {
      this.state = 'idle';
      this.trouble = troubleOf(failure);
    }
  }

  async turn(): Promise<void> {
    if (this.state === 'live') await this.open(this.facing === 'user' ? 'environment' : 'user');
  }

  start(): void {
    if (this.state !== 'live' || !this.stream) return;
    this.#pieces = [];
    this.#before = 0;
    this.elapsedMs = 0;
    try {
      this.#recorder = new MediaRecorder(this.stream, {
        mimeType: recordingFormat(),
        videoBitsPerSecond: Math.min(BITS_PER_S, (FILL * 8 * this.mostBytes) / (this.mostMs / 1000)),
      });
      this.#recorder.ondataavailable = (event) => this.#take(event.data);
      this.#recorder.onstart = () => (this.#since = performance.now());
      this.#recorder.onstop = () => this.#finish();
      this.#recorder.onerror = () => this.stop();
      this.#recorder.start(PIECE_MS);
    } catch (failure) {
      this.trouble = troubleOf(failure);
      return;
    }
    this.#since = performance.now();
    this.state = 'recording';
    this.#clock = setInterval(() => this.#tick(), TICK_MS);
  }

  pause(): void {
    if (this.state !== 'recording') return;
    this.#recorder?.pause();
    this.#tick();
    this.#before = this.elapsedMs;
    this.state = 'paused';
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.#recorder?.resume();
    this.#since = performance.now();
    this.state = 'recording';
  }

  stop(): void {
    if (this.state !== 'recording' && this.state !== 'paused') return;
    if (this.state === 'recording') this.#tick(false);
    clearInterval(this.#clock);
    if (this.#recorder?.state !== 'inactive') this.#recorder?.stop();
  }

  async again(): Promise<void> {
    this.file = null;
    this.elapsedMs = 0;
    this.state = 'idle';
    await this.open();
  }

  /** The page is left. What is being recorded becomes a file all the same. */
  close(): void {
    this.stop();
    if (this.state === 'asking') this.state = 'idle';
    this.#letGo();
  }

  #tick(limits = true): void {
    if (this.state !== 'recording') return;
    this.elapsedMs = Math.min(this.mostMs, this.#before + performance.now() - this.#since);
    if (limits && this.elapsedMs >= this.mostMs) this.stop();
  }

  #take(piece: Blob): void {
    if (piece.size) this.#pieces.push(piece);
    if (this.#pieces.reduce((sum, { size }) => sum + size, 0) > FILL * this.mostBytes) this.stop();
  }

  #finish(): void {
    const type = this.#recorder?.mimeType.split(';')[0] || 'video/webm';
    const now = new Date();
    const name = `${now.toISOString().slice(0, 19).replaceAll(':', '-')}.${type === 'video/mp4' ? 'mp4' : 'webm'}`;
    const file = new File(this.#pieces, name, { type, lastModified: now.getTime() });
    this.#pieces = [];
    this.#letGo();
    if (!file.size) {
      this.state = 'idle';
      this.trouble = 'failed';
      return;
    }
    this.file = file;
    this.state = 'done';
    this.made(file, Math.round(this.elapsedMs));
  }

  #letGo(): void {
    clearInterval(this.#clock);
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }
}
