import { createHash } from 'node:crypto';
import { globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { repository, run } from '../../support/program.ts';

const tests = fileURLToPath(new URL('../', import.meta.url));

/** The Object that both sides of the tests have. */
export const everyTypeFile: string = join(tests, 'peer/every-type.xml');

/** The sources of our programs on each Leshan, and which version that is. */
const sources = {
  1: { pom: 'peer/pom.xml', java: ['peer/src/**/*.java'] },
  2: { pom: 'peer-2/pom.xml', java: ['peer-2/src/**/*.java', 'peer/src/dunlin/leshan/Lines.java'] },
} as const;

/** Leshan 1 is of LwM2M 1.0, Leshan 2 of 1.1. */
export type LeshanGeneration = keyof typeof sources;

const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';

/** The class path of the programs, or why there is none. */
export type LeshanBuild =
  | { readonly kind: 'built'; readonly classPath: string }
  | { readonly kind: 'missing'; readonly reason: string };

/**
 * Fetches Leshan and compiles our programs on it, once for these sources. Java and the archive of Maven are not part of
 * what the gate may expect, on machines of users or in CI: where they are missing there is a reason, never a failure.
 */
export async function buildLeshan(generation: LeshanGeneration): Promise<LeshanBuild> {
  for (const [program, packageName] of [
    ['javac', 'default-jdk-headless'],
    ['mvn', 'maven'],
  ] as const) {
    const reason = `not installed: ${program} (Debian package: ${packageName})`;
    if (!(await isInstalled(program))) return { kind: 'missing', reason };
  }
  const { pom, java } = sources[generation];
  const files = globSync(java, { cwd: tests }).sort();
  const hash = createHash('sha256');
  for (const file of [pom, ...files]) hash.update(readFileSync(join(tests, file)));
  const cache = join(repository, 'node_modules/.cache/leshan');
  const folder = join(cache, hash.digest('hex').slice(0, 16));
  const built: LeshanBuild = {
    kind: 'built',
    classPath: [join(folder, 'classes'), join(folder, 'lib', '*')].join(delimiter),
  };
  if (globSync(join(folder, 'classes')).length > 0) return built;
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, 'making-'));
  try {
    const library = join(making, 'lib');
    const fetched = await run([
      'mvn',
      '-B',
      '-q',
      '-f',
      join(tests, pom),
      copyDependencies,
      `-DoutputDirectory=${library}`,
    ]);
    if (fetched.exitCode !== 0) {
      const [, problem = ''] = /\[ERROR\] (\S.*)/.exec(fetched.stdout + fetched.stderr) ?? [];
      return { kind: 'missing', reason: `Leshan cannot be fetched: ${problem}` };
    }
    const flags = ['-Xlint:all', '-Werror', '-d', join(making, 'classes'), '-cp', join(library, '*')];
    const compiled = await run(['javac', ...flags, ...files.map((file) => join(tests, file))]);
    if (compiled.exitCode !== 0) throw new Error(compiled.stderr);
    rmSync(folder, { recursive: true, force: true });
    renameSync(making, folder);
    return built;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await run([program, '-version'])).exitCode === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
