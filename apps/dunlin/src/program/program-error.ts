import { DunlinError } from '@dunlin/base';

import type { ExitCode } from './exit-code.ts';

/** Ends the program with one line for people and a number for scripts. */
export class ProgramError extends DunlinError {
  readonly code = 'program';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
