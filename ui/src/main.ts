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

void start();

if (!embedded && import.meta.env.PROD && isSecureContext && 'serviceWorker' in navigator) {
  addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => {}));
}
