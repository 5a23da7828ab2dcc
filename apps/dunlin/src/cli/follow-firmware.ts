import { ApiUnreachableError, type DunlinApi, type FirmwareUpdateDocument } from '@dunlin/api';

import { ExitCode } from '../program/exit-code.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { ProgramError } from '../program/program-error.ts';
import { updateLine } from './firmware-text.ts';
import { ProgressLine } from './progress-line.ts';

/** Milliseconds between two looks. */
const lookInterval = 500;
/** Looks in vain before the server counts as gone: half a minute, long enough for a restart. */
const maxLooksInVain = 60;

/**
 * Shows how an update goes until it is over, or waits for somebody to have the image installed, and gives it. What is
 * shown goes to standard error unless `isSilent`. The update itself goes on when the program is interrupted.
 */
export async function followUpdate(
  context: ProgramContext,
  api: DunlinApi,
  begun: FirmwareUpdateDocument,
  { limit, isSilent }: { readonly limit: number | undefined; readonly isSilent: boolean },
): Promise<FirmwareUpdateDocument> {
  const { endpoint, id } = begun;
  const end = limit === undefined ? Infinity : context.now() + limit * 1000;
  const line = new ProgressLine(context.stderr, endpoint);
  let update = begun;
  let looksInVain = 0;
  try {
    for (;;) {
      if (isSettled(update)) return update;
      if (!isSilent) await show(line, update);
      if (context.now() >= end) throw stillUnderWay(update);
      await context.sleep(lookInterval);
      context.interrupted.throwIfAborted();
      try {
        update = await api.firmware.status(endpoint, { signal: context.interrupted });
        looksInVain = 0;
      } catch (error) {
        looksInVain += 1;
        if (!(error instanceof ApiUnreachableError) || looksInVain > maxLooksInVain) throw error;
      }
      if (update.id !== id)
        throw new ProgramError(ExitCode.failure, `another update of ${endpoint} took the place of this one`);
    }
  } finally {
    if (!isSilent) await line.end();
  }
}

/** The error that an update ended with; `undefined` for one that did not fail. */
export function failureOf({ endpoint, state, failure }: FirmwareUpdateDocument): ProgramError | undefined {
  if (state === 'cancelled')
    return new ProgramError(ExitCode.failure, `the update of ${endpoint} was cancelled`);
  if (state !== 'failed' || failure === undefined) return undefined;
  switch (failure.reason) {
    case 'no-progress':
    case 'outcome-unknown':
      return new ProgramError(ExitCode.noAnswer, failure.message);
    case 'result':
    case 'refused':
    case 'unsupported':
    case 'misbehaved':
    case 'lost':
      return new ProgramError(ExitCode.refused, failure.message);
    case 'image-unreadable':
      return new ProgramError(ExitCode.failure, failure.message);
  }
}

/** True when nothing more will happen unless somebody wants it. */
function isSettled({ state, install }: FirmwareUpdateDocument): boolean {
  switch (state) {
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return true;
    case 'downloaded':
      return install === 'manual';
    case 'waiting':
    case 'transferring':
    case 'installing':
    case 'cancelling':
      return false;
  }
}

async function show(line: ProgressLine, update: FirmwareUpdateDocument): Promise<void> {
  const { state, transferred, image } = update;
  const part = state === 'transferring' ? transferred / image.size : undefined;
  await line.show({ text: updateLine(update), part }, `${state} ${update.attempts}`);
}

function stillUnderWay(update: FirmwareUpdateDocument): ProgramError {
  const message = `the update of ${update.endpoint} goes on (${updateLine(update)}): dunlin firmware status shows it`;
  return new ProgramError(ExitCode.noAnswer, message);
}
