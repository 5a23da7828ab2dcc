import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import type { Logger } from 'pino';

import type { PageFile } from '../http/page-routes.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
};

/** Where the built console lies: in this repository, or in the package beside this one. */
const builtConsole = new URL('dist/', import.meta.resolve('@dunlin/console/package.json'));

const notBuilt = `<!doctype html>
<html lang="en"><title>Dunlin</title><h1>The console is not built</h1>
<p>In a checkout, <code>npm run build:console</code> builds it; then start the server again.
REST works without it: <a href="/api/v1/openapi.json">OpenAPI</a>.</p></html>
`;

/** The files of the console, compressed once; in their place one page that says so when the console is not built. */
export async function loadPage(log: Logger, folder: URL = builtConsole): Promise<readonly PageFile[]> {
  try {
    const assets = await readdir(new URL('assets/', folder));
    return await Promise.all([
      pageFile('/', new URL('index.html', folder)),
      ...assets.map((name) => pageFile(`/assets/${name}`, new URL(`assets/${name}`, folder))),
    ]);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    log.warn({ folder: fileURLToPath(folder) }, 'the console is not built: npm run build:console');
    return [{ url: '/', contentType: 'text/html; charset=utf-8', content: Buffer.from(notBuilt) }];
  }
}

async function pageFile(url: string, file: URL): Promise<PageFile> {
  const content = await readFile(file);
  const extension = extname(file.pathname);
  const contentType = contentTypes[extension] ?? 'application/octet-stream';
  if (extension === '.png') return { url, contentType, content };
  return { url, contentType, content, gzipped: await promisify(gzip)(content, { level: 9 }) };
}
