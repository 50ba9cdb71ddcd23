export const STOPPED = 'penchant.stopped';

/** Today's limit is used up: until then (ms) this browser shows no videos, whoever uses it; 0 while it may. */
class Stop {
  until = $state(kept());
  /** What was left of today is over, and the server has not said yet whether it really is. */
  due = false;
  #clock: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    // Another tab said so, or this page comes back as it was left.
    for (const name of ['storage', 'pageshow']) addEventListener(name, () => (this.until = kept()));
  }

  /** Looks again when what is left of today is over. Null: there is no limit. */
  after(restS: number | null, look: () => void): void {
    this.due = false;
    clearTimeout(this.#clock);
    if (restS != null) this.#clock = setTimeout(() => ((this.due = true), look()), Math.max(1, restS) * 1000);
  }

  /** For so long, or until midnight. */
  set(forS: number | null): void {
    this.until = forS ? Date.now() + forS * 1000 : new Date().setHours(24, 0, 0, 0);
    localStorage.setItem(STOPPED, String(this.until));
  }
}

function kept(): number {
  const until = Number(localStorage.getItem(STOPPED));
  return until > Date.now() ? until : 0;
}

export const stop = new Stop();
