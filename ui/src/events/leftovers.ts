import type { ViewerEvent } from '../api/types';

/** Where unsent events survive a reload. Only keys of this tab are listed. */
export interface EventStore {
  keys(): string[];
  read(key: string): string | null;
  write(key: string, value: string): void;
  drop(key: string): void;
}

const PREFIX = 'penchant.events.';

export function batchKey(session: string): string {
  return PREFIX + session;
}

export function readLeftovers(store: EventStore): { session: string; event: ViewerEvent }[][] {
  return store.keys().map((key) => {
    try {
      const events = JSON.parse(store.read(key) ?? '[]') as ViewerEvent[];
      return events.map((event) => ({ session: key.slice(PREFIX.length), event }));
    } catch {
      store.drop(key);
      return [];
    }
  });
}

/** The tab's own storage: a second tab never re-sends what this one still holds. */
export class TabStore implements EventStore {
  keys(): string[] {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  }

  read(key: string): string | null {
    return sessionStorage.getItem(key);
  }

  write(key: string, value: string): void {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // A full store costs only what a reload at this very moment would have saved.
    }
  }

  drop(key: string): void {
    sessionStorage.removeItem(key);
  }
}
