import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const server = process.env.PENCHANT_DEV_SERVER ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: '../src/penchant/web/static',
    emptyOutDir: true,
    manifest: 'build-manifest.json',
    target: 'es2022',
    // The policy allows no inline script, so nothing may be turned into one.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Svelte's modules only define things. Told so, the bundler keeps form bindings, which the
      // first video needs none of, out of the part that every visit loads.
      treeshake: { moduleSideEffects: [{ test: /node_modules.svelte./, sideEffects: false }] },
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'forms', test: /svelte.*elements.bindings.(input|select)/, priority: 2 },
            { name: 'svelte', test: /node_modules.svelte./, priority: 1 },
            { name: 'shell', test: /ui.src.(api|events|feed.(?!controls|sharing|unprofiled)|place|parts.(?!Sheet)|state.(?!entrance|news|unread)|messages.index)/ },
            // Asked for together: each file more would be named in the first load.
            { name: 'me-words', test: /ui.src.(pages.me-words|controls.control-words|parts.Sheet|sheets.report-words)/, priority: 3 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': server, '/media': server } },
  // No test measures time: how long one takes says how busy the machine is.
  test: { include: ['tests/**/*.test.ts'], environment: 'node', setupFiles: ['tests/store.ts'], testTimeout: 300_000 },
});
