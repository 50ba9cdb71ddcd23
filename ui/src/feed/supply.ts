import { request, type Refusal } from '../api/client';
import type { Page } from '../api/types';
import { events, tabId } from '../events/index';
import { notices } from '../state/notices.svelte';
import { profile } from '../state/profile';
import type { Supply } from './deck.svelte';

const COUNT = 10;
const WAIT_FOR_EVENTS_MS = 2_500;

/** Pages of the personal feed. What the viewer did goes first, so that the page hears it. */
export const feedSupply: Supply = {
  async page(handBack) {
    if (profile.off) return (await profile.unprofiled()).page(handBack);
    const patience = new Promise<void>((resolve) => setTimeout(resolve, WAIT_FOR_EVENTS_MS));
    await Promise.race([events.flush(), patience]);
    const query = new URLSearchParams({ tab: tabId(), count: String(COUNT) });
    if (handBack) {
      query.set('replaces', handBack.page);
      query.set('from_slot', String(handBack.slot));
    }
    try {
      const page = await request<Page>('GET', `/api/feed?${query}`);
      notices.line = '';
      return page;
    } catch (failure) {
      const { code } = failure as Refusal;
      if (code === 'not_witnessed' || code === 'stopped') return (await profile.unprofiled()).instead(code);
      throw failure;
    }
  },
};
