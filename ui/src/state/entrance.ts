import { request } from '../api/client';
import type { Session } from '../api/types';
import { events } from '../events/index';
import { forgetMainDeck } from '../feed/decks';
import { forgetSeen } from '../feed/unprofiled';
import { accountWords } from '../pages/account-words';
import { router } from '../place/router.svelte';
import { notices } from './notices.svelte';
import { ownWords } from '../pages/own-words';
import { who } from './session.svelte';
import { hold, lift } from './stopped';

/** Lets somebody in. What was watched so far is sent first, under whoever watched it. */
async function enter(path: string, body: unknown, sameViewer: boolean): Promise<void> {
  await who.arrival;
  await events.flush();
  who.session = await request<Session>('POST', path, body);
  if (!sameViewer) forgetMainDeck();
  const account = who.account;
  if (account?.age_band === 'adult' && !sameViewer) lift();
  else hold();
  if (account) notices.say(accountWords().welcome(account.name || account.handle));
  router.go('/', true);
}

export const signIn = (handle: string, password: string, code?: string) => enter('/api/session', { handle, password, code }, false);
export const signInByLink = (token: string) => enter('/api/session/link', { token }, false);

export interface NewAccount {
  handle: string;
  password: string;
  birth_year: number | null;
  name?: string;
  invite?: string;
}

/** A new account keeps the taste of the guest it was. */
export const signUp = (account: NewAccount) => enter('/api/accounts', account, true);

export async function signOut(): Promise<void> {
  await events.flush();
  await request('DELETE', '/api/session');
  await startOver();
  notices.say(accountWords().signedOut);
}

export async function deleteAccount(password: string): Promise<void> {
  await request('DELETE', '/api/accounts/me', { password });
  await startOver();
  notices.say(ownWords().accountDeleted);
}

async function startOver(): Promise<void> {
  hold();
  events.clear();
  forgetSeen();
  forgetMainDeck();
  router.go('/', true);
  await who.load();
}
