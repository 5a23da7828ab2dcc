import { milliseconds, toMilliseconds } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import { FirmwareUpdateResult, FirmwareUpdateState, type Refusal, refusal } from '@dunlin/lwm2m';

import { type AfterAnswer, afterAnswer, type ValuePart } from '../object-tree/tree-resource.ts';
import { connectionLost, FirmwareError, type FirmwareFailure, firmwareErrorFrom } from './firmware-error.ts';
import type { FirmwareStorage } from './firmware-storage.ts';
import { FirmwareIntake, type FirmwareIntakeParts } from './firmware-intake.ts';
import type { FirmwareStatusBoard } from './firmware-status-board.ts';
import { type FirmwarePackage, type FirmwareStatus, initialFirmwareStatus } from './firmware-status.ts';
import type { FirmwareUpdateLimits } from './firmware-update-limits.ts';
import { TransferClock } from './transfer-clock.ts';

/** What the author of a device gives to its updates. */
export interface FirmwareUpdateParts extends Pick<FirmwareIntakeParts, 'storage' | 'downloader' | 'verify'> {
  readonly limits: FirmwareUpdateLimits;
  readonly install: (storage: FirmwareStorage, firmware: FirmwarePackage) => Promise<void> | void;
  readonly onInstalled: () => void;
}

const { idle, downloading, downloaded, updating } = FirmwareUpdateState;

/**
 * A firmware update as it goes (1.0 E.6.1), from what comes in to what is installed; where that stands is on the board.
 * Whatever is begun ends what was before, whose outcome is of no effect any more.
 */
export class FirmwareUpdateProcess {
  readonly clock: TransferClock;
  readonly #parts: FirmwareUpdateParts;
  readonly #board: FirmwareStatusBoard;
  readonly #intake: FirmwareIntake;
  #task = new AbortController();
  /** Attempts at a download since a byte came. */
  #attempts = 0;

  constructor(parts: FirmwareUpdateParts, board: FirmwareStatusBoard) {
    const { limits } = parts;
    this.#parts = parts;
    this.#board = board;
    this.clock = new TransferClock(toMilliseconds(limits.stallTimeout), () => board.reschedule());
    const progressed = (): void => {
      this.#attempts = 0;
      this.clock.progressed();
    };
    this.#intake = new FirmwareIntake({ ...parts, maximumSize: limits.maximumSize, progressed }, board);
  }

  get #status(): FirmwareStatus {
    return this.#board.status;
  }

  /** Goes on with a download that was under way when the device went off, as soon as the client runs. */
  resume(): void {
    if (this.#status.state === downloading) this.clock.wait(milliseconds(0), () => this.#download());
  }

  /**
   * Lets go of what is under way, as it goes on when the device comes up again; resolves when nothing touches the storage
   * any more and the state is saved that it has come to.
   */
  async stop(): Promise<void> {
    this.#begin();
    this.clock.rest();
    await this.#intake.idle;
    await this.#board.saved;
  }

  /** Forgets package and result (R-1053). */
  reset(): void {
    const signal = this.#begin();
    this.clock.rest();
    this.#board.change(initialFirmwareStatus);
    this.#clear(signal);
  }

  /** Takes the package from a URI; what is wrong with that shows in the result only (R-1051). */
  pull(packageUri: string, shortServerId: number | undefined): void {
    const delivery = { kind: 'pull', shortServerId, validator: undefined } as const;
    this.#board.change({ ...initialFirmwareStatus, state: downloading, packageUri, delivery });
    this.#attempts = 0;
    this.#download();
  }

  /** True while a Server pushes a package, which it may begin anew. */
  isPushedBy(shortServerId: number | undefined): boolean {
    const { state, delivery } = this.#status;
    return state === downloading && delivery?.kind === 'push' && delivery.shortServerId === shortServerId;
  }

  /** Takes a whole package. */
  push(bytes: Uint8Array, shortServerId: number | undefined): void {
    const signal = this.#beginPush(shortServerId);
    this.#run(signal, async () => {
      await this.#intake.clear(signal);
      await this.#intake.take(bytes, undefined, signal);
      await this.#complete(signal);
    });
  }

  /** Takes a part of a package; whoever calls has asked whether a first one may come. */
  async pushPart(
    { bytes, offset, end, size }: ValuePart,
    shortServerId: number | undefined,
  ): Promise<Refusal | undefined> {
    if (offset === 0) this.#beginPush(shortServerId);
    else if (!this.isPushedBy(shortServerId) || offset !== this.#intake.received) {
      return refusal(ResponseCode.requestEntityIncomplete, 'this is not the next part of the package');
    }
    const { signal } = this.#task;
    try {
      if (offset === 0) await this.#intake.clear(signal);
      await this.#intake.take(bytes, size, signal);
      if (end === 'truncated') throw truncated();
    } catch (error) {
      return this.#refuse(error, signal);
    }
    if (end === 'complete') this.#run(signal, () => this.#complete(signal));
    return undefined;
  }

  /** Execute of `/5/0/2`: installs the package when it is there (R-1050), once the answer has left. */
  update(): Refusal | AfterAnswer {
    if (this.#status.state !== downloaded) {
      return refusal(ResponseCode.methodNotAllowed, 'there is no package that could be installed');
    }
    const signal = this.#begin();
    this.#board.change({ state: updating, result: FirmwareUpdateResult.initial });
    return afterAnswer(() => this.#run(signal, () => this.#install(signal)));
  }

  #beginPush(shortServerId: number | undefined): AbortSignal {
    const signal = this.#begin();
    const delivery = { kind: 'push', shortServerId } as const;
    this.#board.change({ ...initialFirmwareStatus, state: downloading, delivery });
    this.#watch(signal);
    return signal;
  }

  #download(): void {
    const signal = this.#begin();
    this.#attempts += 1;
    this.#watch(signal);
    this.#run(signal, async () => {
      await this.#intake.download(signal);
      await this.#complete(signal);
    });
  }

  /** To verify may take as long as it does. */
  async #complete(signal: AbortSignal): Promise<void> {
    this.clock.rest();
    const firmware = await this.#intake.complete(signal);
    const size = this.#intake.received;
    await this.#board.changeOnceSaved({ state: downloaded, package: firmware, size }, signal);
  }

  /** That it is updating is saved first, so that the device knows it when it comes up again. */
  async #install(signal: AbortSignal): Promise<void> {
    const { storage, install, onInstalled } = this.#parts;
    await this.#board.saved;
    try {
      await install(storage, this.#status.package);
    } catch (error) {
      const failure = firmwareErrorFrom(error, FirmwareUpdateResult.updateFailed);
      if (failure.result !== FirmwareUpdateResult.updateFailed) throw failure;
      this.#board.tell({ kind: 'failed', error: failure });
      this.#board.change({ state: downloaded, result: failure.result });
      return;
    }
    const { package: firmware, packageUri } = this.#status;
    const result = FirmwareUpdateResult.success;
    this.#board.change({ ...initialFirmwareStatus, package: firmware, packageUri, state: idle, result });
    await this.#board.saved;
    this.#clear(signal);
    this.#guard(onInstalled);
  }

  #begin(): AbortSignal {
    this.#task.abort();
    this.#task = new AbortController();
    return this.#task.signal;
  }

  #watch(signal: AbortSignal): void {
    const { stallTimeout } = this.#parts.limits;
    this.clock.watch(() => this.#failed(connectionLost(`Nothing came for ${stallTimeout} s.`), signal));
  }

  #run(signal: AbortSignal, work: () => Promise<void>): void {
    work().catch((error: unknown) => this.#failed(error, signal));
  }

  #failed(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    const failure = firmwareErrorFrom(error, FirmwareUpdateResult.connectionLost);
    const next = this.#begin();
    if (this.#mayTryAgain(failure)) {
      const { retryDelay, maximumRetryDelay } = this.#parts.limits;
      const wait = Math.min(retryDelay * 2 ** Math.max(this.#attempts - 1, 0), maximumRetryDelay);
      const delay = milliseconds(wait * 1000);
      this.#board.tell({ kind: 'retrying', error: failure, delay });
      this.clock.wait(delay, () => this.#download());
      return;
    }
    this.clock.rest();
    this.#board.tell({ kind: 'failed', error: failure });
    const { packageUri } = this.#status;
    this.#board.change({ ...initialFirmwareStatus, packageUri, result: failure.result });
    this.#clear(next);
  }

  #mayTryAgain({ result }: FirmwareError): boolean {
    const { state, delivery } = this.#status;
    return (
      result === FirmwareUpdateResult.connectionLost &&
      state === downloading &&
      delivery?.kind === 'pull' &&
      this.#attempts < this.#parts.limits.downloadAttempts
    );
  }

  /** The Server that pushes hears of it with the answer to its part, too. */
  #refuse(error: unknown, signal: AbortSignal): Refusal {
    if (signal.aborted) return refusal(ResponseCode.requestEntityIncomplete, 'the package was given up');
    const failure = firmwareErrorFrom(error, FirmwareUpdateResult.connectionLost);
    this.#failed(failure, signal);
    return refusal(refusalCode(failure.result), failure.message);
  }

  #clear(signal: AbortSignal): void {
    this.#intake.clear(signal).catch((error: unknown) => {
      if (!signal.aborted) this.#board.tell({ kind: 'device-error', error });
    });
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#board.tell({ kind: 'device-error', error });
    }
  }
}

function truncated(): FirmwareError {
  const message = 'The payload ends before the package that it announces.';
  return new FirmwareError(FirmwareUpdateResult.integrityCheckFailure, message);
}

function refusalCode(result: FirmwareFailure): ResponseCode {
  switch (result) {
    case FirmwareUpdateResult.notEnoughFlash:
    case FirmwareUpdateResult.outOfRam:
      return ResponseCode.requestEntityTooLarge;
    case FirmwareUpdateResult.integrityCheckFailure:
    case FirmwareUpdateResult.unsupportedPackageType:
      return ResponseCode.badRequest;
    case FirmwareUpdateResult.connectionLost:
    case FirmwareUpdateResult.invalidUri:
    case FirmwareUpdateResult.updateFailed:
    case FirmwareUpdateResult.unsupportedProtocol:
      return ResponseCode.internalServerError;
  }
}
