import { type FirmwareImageStore, type FirmwareUpdate, transferredBytes } from '@dunlin/server';
import { Counter, Gauge, type Registry } from 'prom-client';

import type { ManagedServer } from '../http/managed-server.ts';

/** What is counted of updates of firmware. */
export class FirmwareMetrics {
  readonly #ended: Counter<'outcome'>;
  readonly #bytes: Counter<'method'>;
  /** Those under way that were told of, by endpoint. */
  readonly #known = new Map<string, FirmwareUpdate>();

  readonly #registers: Registry[];

  constructor(registers: Registry[]) {
    this.#registers = registers;
    const known = this.#known;
    void new Gauge({
      name: 'dunlin_firmware_updates',
      help: 'Updates of firmware under way that have come on since the start, by state.',
      labelNames: ['state'],
      registers,
      collect() {
        this.reset();
        for (const { state } of known.values()) this.inc({ state: state.kind });
      },
    });
    this.#ended = new Counter({
      name: 'dunlin_firmware_updates_total',
      help: 'Updates of firmware that are over, by outcome: succeeded, cancelled, or why they failed.',
      labelNames: ['outcome'],
      registers,
    });
    this.#bytes = new Counter({
      name: 'dunlin_firmware_bytes_total',
      help: 'Bytes of images that devices have taken, by method: push or pull.',
      labelNames: ['method'],
      registers,
    });
  }

  /** Adds the room that there is for images, and how much in all. */
  watchImages(images: Pick<FirmwareImageStore, 'free'>, limit: number): void {
    const registers = this.#registers;
    void new Gauge({
      name: 'dunlin_firmware_images_free_bytes',
      help: 'Bytes that there is room for beside the images of firmware that are kept.',
      registers,
      collect() {
        this.set(images.free);
      },
    });
    new Gauge({
      name: 'dunlin_firmware_images_limit_bytes',
      help: 'Bytes that all images of firmware together may have.',
      registers,
    }).set(limit);
  }

  /** Counts until disposed. */
  count({
    firmwareProgress,
    firmwareFinished,
  }: Pick<ManagedServer, 'firmwareProgress' | 'firmwareFinished'>): Disposable {
    const subscriptions = new DisposableStack();
    subscriptions.use(firmwareProgress.subscribe((update) => this.#progressed(update)));
    subscriptions.use(
      firmwareFinished.subscribe(({ endpointName, id, state }) => {
        this.#ended.inc({ outcome: state.kind === 'failed' ? state.failure.reason : state.kind });
        // Another update may have taken its place already.
        if (this.#known.get(endpointName)?.id === id) this.#known.delete(endpointName);
      }),
    );
    return subscriptions;
  }

  #progressed(update: FirmwareUpdate): void {
    const { endpointName } = update;
    const before = this.#known.get(endpointName);
    const isOver = ['succeeded', 'failed', 'cancelled'].includes(update.state.kind);
    if (isOver) this.#known.delete(endpointName);
    else this.#known.set(endpointName, update);
    const method = methodOf(update) ?? (before && methodOf(before));
    const more = transferredBytes(update) - bytesBefore(update, before);
    if (method !== undefined && more > 0) this.#bytes.inc({ method }, more);
  }
}

/** What of the present transfer was counted; one that was begun anew counts from its beginning. */
function bytesBefore(update: FirmwareUpdate, before: FirmwareUpdate | undefined): number {
  const isSame = before?.id === update.id && before.attempts === update.attempts;
  return isSame ? transferredBytes(before) : 0;
}

function methodOf({ state }: FirmwareUpdate): 'push' | 'pull' | undefined {
  return state.kind === 'transferring' ? state.transfer.method : undefined;
}
