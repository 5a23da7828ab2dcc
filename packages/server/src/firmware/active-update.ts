import type { Instant, Milliseconds } from '@dunlin/base';

import type { Expirable } from '../device-session.ts';
import type { FirmwareState, FirmwareTransfer, FirmwareUpdate } from './firmware-update.ts';

/** An update that is under way, in memory. */
export class ActiveUpdate implements Expirable {
  dueAt: Instant | undefined = undefined;
  heapIndex = 0;
  /** As it is now; its progress may be newer than what is in the store. */
  update: FirmwareUpdate;
  /** Ends the look at the device that is under way. */
  look: AbortController | undefined;
  /** Something happened during the look. */
  isDueAgain = false;
  /** The device went out of reach: its next sign of life brings a look. */
  isInterrupted = false;
  /** A look has ended: what is known of the device is of this process. */
  hasLooked = false;
  /** When the device was back that was out of reach. */
  reachedAt: Instant | undefined;
  /** It waits for one of the others to be done with its push. */
  isInLine = false;
  /** The device does not let itself be observed. */
  isUnobservable = false;
  /** How long the last wait after a failure was. */
  retryDelay: Milliseconds | undefined;
  /** It has come on since it was written. */
  isUnwritten = false;
  /** When its progress was told, and written, last. */
  toldAt: Instant | undefined;
  writtenAt: Instant | undefined;
  readonly #onDue: (active: ActiveUpdate) => void;

  constructor(update: FirmwareUpdate, onDue: (active: ActiveUpdate) => void) {
    this.update = update;
    this.#onDue = onDue;
  }

  get endpointName(): string {
    return this.update.endpointName;
  }

  expired(): void {
    this.#onDue(this);
  }
}

/** The transfer that is under way. */
export function transferOf({ state }: Pick<FirmwareUpdate, 'state'>): FirmwareTransfer | undefined {
  return state.kind === 'transferring' ? state.transfer : undefined;
}

/** The same update in another state, with a line in its log. */
export function withState(
  update: FirmwareUpdate,
  state: FirmwareState,
  now: Instant,
  message: string,
): FirmwareUpdate {
  return { ...withLog(update, now, message), state, activeAt: now };
}

/** The same update with a line in its log, unless that is what was said last. */
export function withLog(update: FirmwareUpdate, now: Instant, message: string): FirmwareUpdate {
  const { log } = update;
  if (log.at(-1)?.message === message) return update;
  return { ...update, log: [...log.slice(1 - maxLogEntries), { at: now, message }] };
}

/** The same update, further. It never goes back. */
export function withProgress(update: FirmwareUpdate, bytes: number, now: Instant): FirmwareUpdate {
  const transfer = transferOf(update);
  if (transfer === undefined) return update;
  const before = transfer.method === 'push' ? transfer.sent : transfer.served;
  if (bytes <= before) return update;
  const further: FirmwareTransfer =
    transfer.method === 'push' ? { ...transfer, sent: bytes, isBegun: true } : { ...transfer, served: bytes };
  return { ...update, activeAt: now, state: { kind: 'transferring', transfer: further } };
}

/** Enough for all attempts, and little enough for a store. */
const maxLogEntries = 50;
