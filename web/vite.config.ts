import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { firstLoad } from './scripts/chunks.ts';

/** Where a server listens while one develops. */
const server = process.env.BYGONE_SERVER ?? 'http://127.0.0.1:8322';
const proxied = ['/api', '/portal/v1', '/dl', '/p/'];

/** React Aria brings its own words in thirty languages. We speak two, and the others are 8 kB of every first load. */
function onlyOurLanguages(): Plugin {
  return {
    name: 'only-our-languages',
    enforce: 'pre',
    resolveId(source, importer) {
      const inAria = importer?.includes('react-aria') || importer?.includes('react-stately');
      const language = /\/([a-z]{2}-[A-Z]{2})\.(?:mjs|js|json)$/.exec(source)?.[1];
      return inAria && language && !['en-US', 'ru-RU'].includes(language) ? '\0no-language' : null;
    },
    load: (id) => (id === '\0no-language' ? 'export default {};' : null),
  };
}

/** The theme has to be known before the first paint: a script of its own, that blocks, as no inline script may run. */
function themeFirst(): Plugin {
  const source = readFileSync(new URL('src/shell/theme-first.js', import.meta.url), 'utf8');
  const name = `assets/theme-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.js`;
  return {
    name: 'theme-first',
    configureServer(dev) {
      dev.middlewares.use(`/${name}`, (_, response) => {
        response.setHeader('content-type', 'text/javascript').end(source);
      });
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: name, source });
    },
    transformIndexHtml: () => [{ tag: 'script', attrs: { src: `/${name}` }, injectTo: 'head-prepend' }],
  };
}

/** In development `/admin/…` is the console's page, as it is on the server; so is everything else the portal's. */
function twoPages(): Plugin {
  const rewrite = (request: { url?: string }, _: unknown, next: () => void) => {
    if (/^\/admin(\/[^.]*)?(\?|$)/.test(request.url ?? '')) request.url = '/admin.html';
    next();
  };
  return {
    name: 'two-pages',
    configureServer: (dev) => void dev.middlewares.use(rewrite),
    configurePreviewServer: (preview) => void preview.middlewares.use(rewrite),
  };
}

export default defineConfig({
  plugins: [onlyOurLanguages(), themeFirst(), twoPages(), react()],
  build: {
    target: 'es2022',
    manifest: true,
    // Everything is a file of its own: `data:` is allowed for pictures only, and caches do better with files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { portal: 'index.html', admin: 'admin.html' },
      output: {
        codeSplitting: { groups: firstLoad() },
        // A part that is shared by many is not named after all of them.
        chunkFileNames: ({ name }) => `assets/${name.split('~')[0]}-[hash].js`,
        assetFileNames: ({ names: [name = ''] }) => `assets/${name.split(/~|\.[^.]*$/)[0]}-[hash][extname]`,
      },
    },
  },
  server: {
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, changeOrigin: false }])),
    // A test reads the server's table of rights.
    fs: { allow: ['..'] },
  },
  preview: {
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, changeOrigin: false }])),
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
});
