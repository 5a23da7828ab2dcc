import type { Milliseconds } from '@dunlin/base';

import type { AtCommand, AtOutcome } from './at-command.ts';

/** Time in which nothing is asked of the modem. */
export interface AtPause {
  readonly kind: 'pause';
  readonly duration: Milliseconds;
  /** Why there is a wait, for people. */
  readonly reason?: string;
}

/**
 * What is said to a modem, in order: yields commands and pauses, is resumed with the outcome of each (a pause has the
 * outcome `ok`), and returns what came of it. Commands that are not answered in time end the session it is part of.
 */
export type AtScript<Result> = Generator<AtCommand | AtPause, Result, AtOutcome>;
