export interface Notice {
  id: number;
  text: string;
  undo?: { words: string; act: () => void };
}

const STAYS_MS = 3_500;
const STAYS_WITH_UNDO_MS = 7_000;

/** Short messages at the edge of the screen; also read out by a live region. */
class Notices {
  shown = $state.raw<Notice[]>([]);
  /** Stays while it holds. */
  line = $state('');
  #next = 1;

  say(text: string, undo?: Notice['undo']): void {
    const notice = { id: this.#next++, text, undo };
    this.shown = [...this.shown.slice(-2), notice];
    setTimeout(() => this.drop(notice.id), undo ? STAYS_WITH_UNDO_MS : STAYS_MS);
  }

  drop(id: number): void {
    this.shown = this.shown.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
