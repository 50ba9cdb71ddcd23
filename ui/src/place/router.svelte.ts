export type Place =
  | { name: 'feed' }
  | { name: 'video'; id: string }
  | { name: 'profile'; handle: string }
  | { name: 'embed'; id: string }
  | { name: 'upload' | 'me' | 'sign-in' | 'sign-up' | 'reset' | 'admin' | 'market' | 'inbox' | 's' | 't' | 'search' | 'check' | 'lost' };

const PLAIN = ['upload', 'me', 'sign-in', 'sign-up', 'reset', 'admin', 'market', 'inbox', 's', 't', 'search', 'check'] as const;

export function placeOf(path: string): Place {
  if (path === '/') return { name: 'feed' };
  const [, first = '', second = ''] = path.split('/');
  if (first === 'v' && second) return { name: 'video', id: second };
  if (first === 'embed' && second) return { name: 'embed', id: second };
  if (first.startsWith('@') && first.length > 1) return { name: 'profile', handle: decodeURIComponent(first.slice(1)) };
  for (const name of PLAIN) if (name === first) return { name };
  return { name: 'lost' };
}

class Router {
  path = $state(location.pathname);
  place = $derived(placeOf(this.path));

  constructor() {
    addEventListener('popstate', () => (this.path = location.pathname));
  }

  go(path: string, replace = false): void {
    if (replace) history.replaceState(null, '', path);
    else history.pushState(null, '', path);
    this.path = location.pathname;
  }

  /** Follows links within the page without loading it again. */
  follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    event.preventDefault();
    if (link.pathname + link.search !== location.pathname + location.search) this.go(link.pathname + link.search);
  }
}

export const router = new Router();

/** The secret behind `#token=` of a one-time link, taken out of the address bar at once. */
export function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) history.replaceState(history.state, '', location.pathname);
  return token;
}
