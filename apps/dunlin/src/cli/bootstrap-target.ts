import type { BootstrapTargetDocument } from '@dunlin/api';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

/** The target that an endpoint name or `--pattern` names; one of them must be given. */
export function bootstrapTarget(
  endpoint: string | undefined,
  pattern: string | undefined,
): BootstrapTargetDocument {
  if ((endpoint === undefined) === (pattern === undefined)) {
    throw new ProgramError(ExitCode.usage, 'give an endpoint name, or --pattern');
  }
  return endpoint === undefined ? { pattern: pattern ?? '' } : { endpoint };
}
