import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  // Also for components without state: without it they would bring in the old, larger runtime.
  compilerOptions: { runes: true },
};
