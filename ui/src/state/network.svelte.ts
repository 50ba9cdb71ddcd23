import { reach } from '../api/client';

const PROBE_EVERY_MS = 4_000;

/** Whether the server answers; probes by itself until it does again. */
class Network {
  down = $state(!navigator.onLine);
  #probe: ReturnType<typeof setInterval> | undefined;
  #waiting = new Set<() => void>();

  constructor() {
    reach.report = (reached) => this.#set(!reached);
    addEventListener('offline', () => this.#set(true));
    addEventListener('online', () => void this.#ask());
    if (this.down) this.#set(true, true);
  }

  /** Calls `act` once when the server answers again. */
  whenBack(act: () => void): () => void {
    this.#waiting.add(act);
    return () => this.#waiting.delete(act);
  }

  #set(down: boolean, force = false): void {
    if (down === this.down && !force) return;
    this.down = down;
    clearInterval(this.#probe);
    if (down) {
      this.#probe = setInterval(() => void this.#ask(), PROBE_EVERY_MS);
      return;
    }
    const acts = [...this.#waiting];
    this.#waiting.clear();
    for (const act of acts) act();
  }

  async #ask(): Promise<void> {
    const answered = await fetch('/healthz', { cache: 'no-store' }).then(
      () => true,
      () => false,
    );
    this.#set(!answered);
  }
}

export const network = new Network();
