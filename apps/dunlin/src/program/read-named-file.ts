import { ExitCode } from './exit-code.ts';
import type { NamedBytes, ProgramContext } from './program-context.ts';
import { ProgramError } from './program-error.ts';

/** The content of a file that a flag names; throws an error of one line when there is none. */
export async function readNamedFile(context: ProgramContext, name: string): Promise<Uint8Array> {
  return await told(name, () => context.readFile(name));
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
