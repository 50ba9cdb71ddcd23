import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { startEvents } from './events/index';
import { speak } from './messages/index.svelte';
import { router } from './place/router.svelte';

const embedded = router.place.name === 'embed';

async function start(): Promise<void> {
  await speak();
  const target = document.getElementById('app')!;
  if (router.place.name === 'embed') {
    const { default: Embed } = await import('./pages/Embed.svelte');
    mount(Embed, { target, props: { id: router.place.id } });
  } else mount(App, { target });
  startEvents();
}

const RELOADED = 'penchant.reloaded-at';
const RELOADS_EVERY_MS = 20_000;

/** A part that is gone means that the server has a newer page: load that, but not in a loop. */
function startAfresh(): void {
  const before = Number(sessionStorage.getItem(RELOADED) ?? 0);
  if (!navigator.onLine || Date.now() - before < RELOADS_EVERY_MS) return;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
}

addEventListener('vite:preloadError', startAfresh);
start().catch(startAfresh);

if (!embedded && import.meta.env.PROD && isSecureContext && 'serviceWorker' in navigator) {
  addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => {}));
}
