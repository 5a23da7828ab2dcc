// Holds the budget of the console: the script that the browser loads for the first page is under 200 kB, compressed.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { conclude, root } from './repository.ts';

/** Bytes of script after gzip, for the first page to be there within a second on a slow line as well. */
const budget = 200_000;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
}

const dist = `${root}apps/console/dist/`;
const manifest = JSON.parse(readFileSync(`${dist}manifest.json`, 'utf8')) as Readonly<Record<string, Chunk>>;

/** The entry and all that it imports at once, not what pages load when they are opened. */
function loadedAtOnce(names: readonly string[], found: Set<string> = new Set()): Set<string> {
  for (const name of names) {
    const chunk = manifest[name];
    if (chunk === undefined || found.has(chunk.file)) continue;
    found.add(chunk.file);
    loadedAtOnce(chunk.imports ?? [], found);
  }
  return found;
}

const entries = Object.keys(manifest).filter((name) => manifest[name]?.isEntry === true);
const files = [...loadedAtOnce(entries)].filter((file) => file.endsWith('.js'));
const sizes = files.map((file) => gzipSync(readFileSync(dist + file), { level: 9 }).length);
const total = sizes.reduce((sum, size) => sum + size, 0);
console.log(`console: ${Math.round(total / 1000)} kB of script for the first page, ${files.length} files`);
const problems =
  total === 0 ? ['no script was found'] : total < budget ? [] : [`${total} bytes are more than ${budget}`];
conclude('console size', problems);
