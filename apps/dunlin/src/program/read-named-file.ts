import { ExitCode } from './exit-code.ts';
import type { NamedBytes, ProgramContext } from './program-context.ts';
import { ProgramError } from './program-error.ts';

/** The content of a file that a flag names; throws an error of one line when there is none. */
export async function readNamedFile(context: ProgramContext, name: string): Promise<Uint8Array> {
  return await told(name, () => context.readFile(name));
}

/** The text of such a file, without space around it and the line break that editors put at its end. */
export async function readNamedText(context: ProgramContext, name: string): Promise<string> {
  return new TextDecoder().decode(await readNamedFile(context, name)).trim();
}

/** The same, or the first line of standard input where the file is called `-`; `undefined` when that is empty. */
export async function readNamedLine(context: ProgramContext, name: string): Promise<string | undefined> {
  if (name !== '-') return await readNamedText(context, name);
  for await (const line of context.stdin) return line.trim();
  return undefined;
}

/** A file that is named and may be large; throws an error of one line when there is none. */
export async function openNamedFile(context: ProgramContext, name: string): Promise<NamedBytes> {
  return await told(name, () => context.openFile(name));
}

async function told<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = isMissing ? 'there is no such file' : 'it cannot be read';
    throw new ProgramError(ExitCode.usage, `${name}: ${reason}`, { cause: error });
  }
}
