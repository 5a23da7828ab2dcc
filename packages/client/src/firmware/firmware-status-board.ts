import { type Signal, SignalSource } from '@dunlin/base';
import { FirmwareUpdate, type ResourcePath } from '@dunlin/lwm2m';

import type { FirmwareUpdateEvent } from './firmware-event.ts';
import { encodeFirmwareStatus, type FirmwareStatus } from './firmware-status.ts';

/**
 * Port: where a device keeps the state of its firmware update while it is off. `save` is called with one state at a time,
 * and must keep the one before whole until it has the new one. A `ClientStateStore` with a place of its own fits.
 */
export interface FirmwareStateStore {
  /** The state that was saved last; `undefined` when there is none. */
  load(): Promise<Uint8Array | undefined>;
  save(state: Uint8Array): Promise<void>;
}

/** The status of an update: shows it to Servers, tells it to the device, and saves each one before the next. */
export class FirmwareStatusBoard {
  readonly #store: FirmwareStateStore | undefined;
  readonly #changed = new SignalSource<readonly ResourcePath[]>();
  readonly #events = new SignalSource<FirmwareUpdateEvent>();
  #status: FirmwareStatus;
  #saved: Promise<void> = Promise.resolve();

  constructor(status: FirmwareStatus, store: FirmwareStateStore | undefined) {
    this.#status = status;
    this.#store = store;
  }

  get status(): FirmwareStatus {
    return this.#status;
  }

  /** The Resources that show something else; none when only the deadline of the Object is another one. */
  get changed(): Signal<readonly ResourcePath[]> {
    return this.#changed;
  }

  get events(): Signal<FirmwareUpdateEvent> {
    return this.#events;
  }

  /** Resolves when the status is saved, or could not be. */
  get saved(): Promise<void> {
    return this.#saved;
  }

  /** Changes the status, at once; it is saved after the one before. */
  change(changes: Partial<FirmwareStatus>): void {
    const next = { ...this.#status, ...changes };
    this.#saved = this.#save(this.#saved, next);
    this.#show(next);
  }

  /**
   * Changes the status when it is saved, so that no Server is told what a loss of power takes back. It does not when
   * `signal` is aborted meanwhile: whoever did that has another status.
   */
  async changeOnceSaved(changes: Partial<FirmwareStatus>, signal: AbortSignal): Promise<void> {
    const next = { ...this.#status, ...changes };
    this.#saved = this.#save(this.#saved, next);
    await this.#saved;
    signal.throwIfAborted();
    this.#show(next);
  }

  /** Says that the Object wants to be woken at another time. */
  reschedule(): void {
    this.#changed.emit([]);
  }

  tell(event: FirmwareUpdateEvent): void {
    this.#events.emit(event);
  }

  #show(status: FirmwareStatus): void {
    this.#status = status;
    this.#events.emit({ kind: 'status', status });
    this.#changed.emit(shown);
  }

  /** An update goes on without: what is lost is where it stood, should the device go off now. */
  async #save(earlier: Promise<void>, status: FirmwareStatus): Promise<void> {
    await earlier;
    try {
      await this.#store?.save(encodeFirmwareStatus(status));
    } catch (error) {
      this.#events.emit({ kind: 'device-error', error });
    }
  }
}

/** Only those whose value is another one are notified. */
const { packageUri, state, updateResult, pkgName, pkgVersion } = FirmwareUpdate;
const shown: readonly ResourcePath[] = [packageUri, state, updateResult, pkgName, pkgVersion].map(
  ({ path }) => path,
);
