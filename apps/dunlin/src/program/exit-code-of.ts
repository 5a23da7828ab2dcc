import { ApiError, ApiUnreachableError } from '@dunlin/api';
import { DunlinError } from '@dunlin/base';

import { ExitCode } from './exit-code.ts';
import { ProgramError } from './program-error.ts';

/** How the program ends after `error`. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof ProgramError) return error.exitCode;
  if (error instanceof ApiUnreachableError) return ExitCode.unreachable;
  if (error instanceof ApiError) return exitCodeOfAnswer(error);
  return DunlinError.is(error) && error.code === 'usage' ? ExitCode.usage : ExitCode.failure;
}

function exitCodeOfAnswer(error: ApiError): ExitCode {
  switch (error.code) {
    case 'bad-request':
    case 'conflict':
      return ExitCode.usage;
    case 'unknown-device':
    case 'no-observation':
    case 'unknown-credential':
    case 'unknown-operation':
    case 'unknown-image':
    case 'unknown-update':
    case 'unknown-configuration':
    case 'unknown-session':
    case 'unknown-number':
    case 'unknown-user':
    case 'unknown-token':
      return ExitCode.unknown;
    case 'unauthenticated':
    case 'forbidden':
      return ExitCode.notAllowed;
    case 'device-refused':
    case 'device-misbehaved':
      return ExitCode.refused;
    case 'not-sent':
    case 'no-answer':
    case 'outcome-unknown':
    case 'operation-expired':
      return ExitCode.noAnswer;
    case 'forbidden-origin':
    case 'not-found':
    case 'payload-too-large':
    case 'unsupported-media-type':
    case 'too-many-requests':
    case 'internal':
    case 'operation-cancelled':
    case 'unavailable':
      return ExitCode.failure;
  }
}
