import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The root folder of the repository, with a slash at its end. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url));

/** The files git knows or would take in, relative to the root, that match one of the endings. */
export function repositoryFiles(...endings: readonly string[]): readonly string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return listed.split('\n').filter((file) => endings.some((ending) => file.endsWith(ending)));
}

/** Prints what a check found and ends the process with 1, or says in one line that all is well. */
export function conclude(check: string, problems: readonly string[]): void {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.error(`${check}: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
    process.exitCode = 1;
  } else console.log(`${check}: in order`);
}
