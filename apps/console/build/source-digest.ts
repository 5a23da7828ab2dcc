import { createHash } from 'node:crypto';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What goes into the built console, relative to its folder. */
const sources: readonly string[] = [
  'index.html',
  'package.json',
  'build/*.ts',
  'src/**/*',
  '../../packages/{base,coap,lwm2m,api}/src/**/*.ts',
  '../../package-lock.json',
];

const digestFile = 'dist/sources.sha256';

/** True when `dist` was made of the sources as they are. */
export async function isUpToDate(folder: string): Promise<boolean> {
  const known = await readFile(join(folder, digestFile), 'utf8').catch(() => undefined);
  return known !== undefined && known === (await digestOf(folder));
}

/** Writes down of which sources `dist` was made. */
export async function remember(folder: string): Promise<void> {
  await writeFile(join(folder, digestFile), await digestOf(folder));
}

/** Contents count, not times: a checkout of another branch and back changes nothing. */
async function digestOf(folder: string): Promise<string> {
  const digest = createHash('sha256');
  const names: string[] = [];
  for await (const entry of glob([...sources], { cwd: folder, withFileTypes: true })) {
    if (entry.isFile()) names.push(join(entry.parentPath, entry.name));
  }
  for (const name of names.toSorted()) {
    digest.update(`${name}\0`);
    digest.update(await readFile(name));
  }
  return digest.digest('hex');
}
