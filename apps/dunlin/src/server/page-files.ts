import { readFile } from 'node:fs/promises';

import type { PageFile } from '../http/page-routes.ts';

const files: readonly { readonly url: string; readonly name: string; readonly contentType: string }[] = [
  { url: '/', name: 'index.html', contentType: 'text/html; charset=utf-8' },
  { url: '/page.js', name: 'page.js', contentType: 'text/javascript; charset=utf-8' },
  { url: '/page.css', name: 'page.css', contentType: 'text/css; charset=utf-8' },
];

/** The files of the page at `/`, which lie in the folder `static` of this program. */
export function loadPage(): Promise<readonly PageFile[]> {
  return Promise.all(
    files.map(async ({ url, name, contentType }) => ({
      url,
      contentType,
      content: await readFile(new URL(`../../static/${name}`, import.meta.url), 'utf8'),
    })),
  );
}
