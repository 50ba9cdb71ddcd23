import type { Checkpoint, Key } from './note';
import { toBase64 } from './bytes';

/** What this browser saw of records before: without it nobody would notice that one was set back. */
const KEPT = 'penchant.ledger';

export interface Seen {
  size: number;
  /** Base64. */
  root: string;
}

interface Memory {
  key?: string;
  logs: Record<string, Seen>;
}

function read(): Memory {
  try {
    return { logs: {}, ...(JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Memory>) };
  } catch {
    return { logs: {} };
  }
}

export function lastSeen(origin: string): Seen | undefined {
  return read().logs[origin];
}

/** The key of last time, as a vkey. */
export function lastKey(): string | undefined {
  return read().key;
}

export function remember({ origin, size, root }: Checkpoint): void {
  const memory = read();
  memory.logs[origin] = { size, root: toBase64(root) };
  localStorage.setItem(KEPT, JSON.stringify(memory));
}

export function rememberKey(key: Key): void {
  localStorage.setItem(KEPT, JSON.stringify({ ...read(), key: key.text }));
}
