/// <reference types="node" />
/// <reference types="vitest/config" />
import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const OUT = '../backend/quarterdeck/static';
const TEXT = /\.(js|css|html|svg|json)$/;

/** Writes `.br` and `.gz` beside every text file, so that the server never compresses while somebody waits. */
function precompress(): Plugin {
  let out = OUT;
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      out = config.build.outDir;
    },
    async writeBundle() {
      const files = await readdir(out, { recursive: true });
      await Promise.all(
        files.filter((name) => TEXT.test(name)).map(async (name) => {
          const path = join(out, name);
          const content = await readFile(path);
          const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
          await writeFile(`${path}.br`, brotliCompressSync(content, { params: quality }));
          await writeFile(`${path}.gz`, gzipSync(content, { level: 9 }));
        }),
      );
    },
  };
}

const UNUSED_THEME = /(?<!:not\()\.pf-v6-theme-(felt|glass|high-contrast)/;

/** Takes PatternFly's themes that the page never switches on out of every style sheet: an eighth of the first load's styles. */
const withoutUnusedThemes = {
  postcssPlugin: 'without-unused-themes',
  Rule(rule: { selectors: string[]; remove: () => void }) {
    const used = rule.selectors.filter((selector) => !UNUSED_THEME.test(selector));
    if (used.length === 0) rule.remove();
    else if (used.length < rule.selectors.length) rule.selectors = used;
  },
};

// `make dev` names the server that answers /api; its certificate is self-signed.
const backend = process.env['QUARTERDECK_DEV_BACKEND'] ?? 'https://localhost:9090';
// The server takes changes from its own origin only, so the page of the dev server has to speak in its name.
const headers = { origin: `https://${new URL(backend).host}` };
// The session's cookie and the check of the origin want https on Vite's side too: the server's own certificate, without suffix.
const tls = process.env['QUARTERDECK_DEV_TLS'];
const https = tls ? { cert: readFileSync(`${tls}.crt`), key: readFileSync(`${tls}.key`) } : undefined;
const proxied = { target: backend, secure: false, changeOrigin: true, ws: true, headers };

export default defineConfig({
  plugins: [react(), precompress()],
  css: { postcss: { plugins: [withoutUnusedThemes] } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // A font or picture in a data: address would need a weaker Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What every page needs is two files, one of which changes only with a dependency; else it would be forty.
        // The list, where most visits begin, takes one more and nothing that only other pages share.
        codeSplitting: {
          groups: [
            { name: 'vendor', tags: ['$initial'], test: /node_modules/, priority: 3 },
            { name: 'app', tags: ['$initial'], priority: 2 },
            { name: 'list', test: /pages\/machines\/MachinesPage/, priority: 1 },
            { name: 'shared', minShareCount: 3 },
          ],
        },
      },
    },
  },
  server: { https, proxy: { '/api': proxied, '/socket.io': proxied, '/healthz': proxied } },
  test: { include: ['src/**/*.spec.ts'], environment: 'node' },
});
