import { reach } from '../api/client';
import { PROFILE, profile } from '../state/profile';
import { TabStore } from './leftovers';
import { EventQueue, type Transport } from './queue';

const ADDRESS = '/api/events';
const TAB = 'penchant.tab';
const FLUSH_EVERY_MS = 5_000;

/** A random uuid also where the page is not secure, as on a LAN address without HTTPS. */
export function uuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function tabId(): string {
  const kept = sessionStorage.getItem(TAB);
  if (kept) return kept;
  const made = uuid();
  sessionStorage.setItem(TAB, made);
  return made;
}

const transport: Transport = {
  async post(body) {
    try {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(ADDRESS, { method: 'POST', body, headers, keepalive: body.length < 60_000 });
      reach.report(true);
      return answer.status;
    } catch {
      reach.report(false);
      return 0;
    }
  },
  beacon: (body) => navigator.sendBeacon(ADDRESS, new Blob([body], { type: 'application/json' })),
};

export const events = new EventQueue(uuid(), transport, new TabStore());

/** Work to do before the page may go away, such as writing down the running play. */
export const beforeLeaving = new Set<() => void>();

function leave(): void {
  for (const act of beforeLeaving) act();
  events.leave();
}

export function startEvents(): void {
  if (profile.off) events.add = (happening) => void profile.unprofiled().then(({ note }) => note(happening));
  // Switched in another tab.
  addEventListener('storage', ({ key }) => key === PROFILE && location.reload());
  setInterval(() => {
    if (!events.struggling) void events.flush();
  }, FLUSH_EVERY_MS);
  void events.flush();
  addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') leave();
  });
}
