import { fileURLToPath } from 'node:url';

import { build, type Plugin } from 'vite';

import { isUpToDate, remember } from './source-digest.ts';

/** The folder of the console, with a slash at its end. */
const folder = fileURLToPath(new URL('../', import.meta.url));

/** Builds the console into `dist`, unless what lies there was made of the same sources; says whether it did. */
export async function buildConsole(): Promise<'built' | 'up-to-date'> {
  if (await isUpToDate(folder)) return 'up-to-date';
  await build({
    root: folder,
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['dunlin:source', 'module', 'browser', 'production'] },
    build: {
      outDir: 'dist',
      emptyOutDir: true,
      target: 'es2023',
      // A data: URL would need a wider content policy than 'self'.
      assetsInlineLimit: 0,
      // The largest file is held by tools/checks/console-size.ts, which counts what the first page loads.
      chunkSizeWarningLimit: 1000,
      manifest: 'manifest.json',
      rolldownOptions: {
        onLog: (level, log, show) => {
          // The libraries mark their files for React servers, which there are none of here.
          if (log.code !== 'MODULE_LEVEL_DIRECTIVE') show(level, log);
        },
      },
    },
    plugins: [withoutNode],
  });
  await remember(folder);
  return 'built';
}

/** What the packages below take from Node.js is not reached by the console, so the bundler drops it. */
const withoutNode: Plugin = {
  name: 'without-node',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('node:') ? { id, external: true, moduleSideEffects: false } : undefined),
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk') continue;
      const builtIn = chunk.imports.find((name) => name.startsWith('node:'));
      if (builtIn !== undefined) this.error(`${chunk.fileName} needs ${builtIn}, which no browser has`);
    }
  },
};
