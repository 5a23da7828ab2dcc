import { ExitCode } from './exit-code.ts';
import type { ProgramContext } from './program-context.ts';
import { ProgramError } from './program-error.ts';

/** The content of a file that a flag names; throws an error of one line when there is none. */
export async function readNamedFile(context: ProgramContext, name: string): Promise<Uint8Array> {
  try {
    return await context.readFile(name);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = isMissing ? 'there is no such file' : 'it cannot be read';
    throw new ProgramError(ExitCode.usage, `${name}: ${reason}`, { cause: error });
  }
}
