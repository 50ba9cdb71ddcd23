import { request } from '../api/client';
import type { Account, Session } from '../api/types';

/** Who is looking, as the server sees it. `null` until the first answer. */
class Who {
  session = $state.raw<Session | null>(null);
  /** Settles when the first answers are in, whose cookie must not come after, and replace, that of signing in. */
  arrival: Promise<void> = Promise.resolve();

  /** Entries of the inbox: said live, once what listens is fetched. */
  unread = $state(0);

  get account(): Account | null {
    return this.session?.account ?? null;
  }

  get moderates(): boolean {
    return this.account !== null && this.account.role !== 'member';
  }

  async load(): Promise<void> {
    this.session = await request<Session>('GET', '/api/session');
  }
}

export const who = new Who();
