import { TransmissionError, UsageError } from '@dunlin/base';

import type { DeviceSessions, Expirable } from '../device-session.ts';
import { registrationOfKnown } from '../known-device.ts';
import { AbortListener, deadlineOf } from '../pending-request.ts';
import { QueueFullError } from '../queue-mode/operation-errors.ts';
import type { OperationQueue } from '../queue-mode/operation-queue.ts';
import type { FinishedOptions } from '../queue-mode/queued-operations.ts';
import type { ServerContext } from '../server-context.ts';
import { withLog, withState } from './active-update.ts';
import { FirmwareConflictError, FirmwareUpdateError, NoSuchImageError } from './firmware-errors.ts';
import { type FirmwareImage, imageLabels } from './firmware-image.ts';
import type { FirmwareImageStore } from './firmware-image-store.ts';
import { type FirmwareDelivery, type FirmwareUpdate, isOver } from './firmware-update.ts';
import type { FirmwareUpdates } from './firmware-updates.ts';

/** How a device gets an image and what becomes of it. */
export interface FirmwareOptions extends Partial<FirmwareDelivery> {
  /** `automatic` (the default): it is installed as soon as the device has it. `manual`: when `install` is called. */
  readonly install?: 'automatic' | 'manual' | undefined;
}

/** What `DeviceFirmware` needs of its server. */
export interface DeviceFirmwareParts {
  readonly context: ServerContext;
  readonly updates: FirmwareUpdates;
  readonly images: FirmwareImageStore;
  readonly queue: OperationQueue;
  readonly sessions: DeviceSessions;
}

/**
 * The firmware of a device (1.0 E.6). An update that was started is in the store: it goes on whenever the device can be
 * reached, whatever restarts, until the device has installed the image or says why not.
 */
export class DeviceFirmware {
  readonly #endpointName: string;
  readonly #parts: DeviceFirmwareParts;

  constructor(endpointName: string, parts: DeviceFirmwareParts) {
    this.#endpointName = endpointName;
    this.#parts = parts;
  }

  /**
   * Updates the firmware, and waits for the end. Rejects with `FirmwareUpdateError` when the update failed or was
   * cancelled, and otherwise like `start` and `finished`; the update goes on when it is only the wait that ends.
   */
  async update(
    image: FirmwareImage | string,
    options: Readonly<FirmwareOptions & FinishedOptions> = {},
  ): Promise<FirmwareUpdate> {
    const started = await this.start(image, options);
    const finished = await this.finished(started.id, options);
    if (finished?.state.kind === 'succeeded') return finished;
    throw new FirmwareUpdateError(finished ?? started);
  }

  /**
   * Starts an update; it is in the store when this resolves. The device must be registered or have been before. Rejects
   * with `DeviceNotRegisteredError`, `NoSuchImageError`, `FirmwareConflictError` when an update is under way,
   * `QueueFullError`, `UsageError` when the device has no Firmware Update Object, or a `StorageError`.
   */
  async start(
    image: FirmwareImage | string,
    options: Readonly<FirmwareOptions> = {},
  ): Promise<FirmwareUpdate> {
    const { context, images, updates } = this.#parts;
    const endpointName = this.#endpointName;
    const delivery = deliveryOf(options);
    const registration = await registrationOfKnown(context, endpointName);
    if (registration?.objects.has(5) === false)
      throw new UsageError(`${endpointName} does not have the Firmware Update Object (5)`);
    // An image of 100 KB in blocks of 64 bytes would be 3,000 short messages.
    if (registration?.peer.transport === 'sms')
      throw new UsageError(`${endpointName} is reached by short messages, and firmware does not go that way`);
    const id = typeof image === 'string' ? image : image.id;
    const found = await images.find(id);
    if (found === undefined) throw new NoSuchImageError(`there is no image ${id}`);
    if (updates.records.size >= context.limits.firmwareUpdates)
      throw new QueueFullError(`${updates.records.size} updates are under way: wait until some are over`);
    const { name, size } = found;
    const { install = 'automatic' } = options;
    const active = await updates.begin(endpointName, (previous) => {
      throwIfUnderWay(previous);
      const now = context.now();
      const started: FirmwareUpdate = {
        endpointName,
        id: (previous?.id ?? 0) + 1,
        image: { id, name, ...imageLabels(found), size },
        install,
        delivery,
        startedAt: now,
        activeAt: now,
        attempts: 0,
        state: { kind: 'waiting' },
        observed: [],
        log: [],
      };
      return withLog(started, now, `the update to ${name} was started`);
    });
    return active.update;
  }

  /** The update that is under way, or else the last one; `undefined` when there never was one. */
  async status(): Promise<FirmwareUpdate | undefined> {
    const { updates, context } = this.#parts;
    const active = updates.records.find(this.#endpointName);
    return active?.update ?? (await context.devices.findFirmwareUpdate(this.#endpointName));
  }

  /**
   * Has the image installed that the device has, or as soon as it has it. Rejects with `FirmwareConflictError` when
   * there is no update under way, or it is being cancelled.
   */
  async install(): Promise<FirmwareUpdate> {
    const { updates, context } = this.#parts;
    const active = updates.records.find(this.#endpointName);
    const isChanged =
      active !== undefined &&
      (await updates.records.change(active, (update) => {
        if (update.state.kind === 'cancelling') return undefined;
        if (update.install === 'automatic') return update;
        return withLog({ ...update, install: 'automatic' }, context.now(), 'the image is to be installed');
      }));
    if (!isChanged)
      throw new FirmwareConflictError(
        `no update of ${this.#endpointName} is under way that could be installed`,
      );
    updates.trigger(active);
    return active.update;
  }

  /**
   * Cancels the update: nothing more is sent, and the device is told to forget the image as soon as it can be reached.
   * Gives it as it is then; one that is over stays as it was. Rejects with `FirmwareConflictError` when the device
   * installs already.
   */
  async cancel(): Promise<FirmwareUpdate | undefined> {
    const { updates, context } = this.#parts;
    const active = updates.records.find(this.#endpointName);
    if (active === undefined) return await this.status();
    const now = context.now();
    await updates.records.change(active, (update) => {
      const { kind } = update.state;
      if (kind === 'cancelling') return undefined;
      if (kind === 'installing')
        throw new FirmwareConflictError(`${this.#endpointName} installs the image already`);
      // Nothing was asked of the device yet.
      const isUntouched = kind === 'waiting' && update.attempts === 0;
      return isUntouched
        ? withState(update, { kind: 'cancelled', at: now }, now, 'the update was cancelled')
        : withState(update, { kind: 'cancelling' }, now, 'the update was cancelled');
    });
    updates.interrupt(active, new Error('the update was cancelled'));
    return active.update;
  }

  /**
   * Waits for the end of an update, by default of that which is under way, and gives it; `undefined` when there is none
   * (any more) by this id.
   */
  async finished(id?: number, options: Readonly<FinishedOptions> = {}): Promise<FirmwareUpdate | undefined> {
    options.signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<FirmwareUpdate>();
    // Nobody may look at it any more when it rejects.
    promise.catch(() => undefined);
    using _subscription = this.#parts.context.signals.firmwareFinished.subscribe((update) => {
      const isMeant = id === undefined || update.id === id;
      if (isMeant && update.endpointName === this.#endpointName) resolve(update);
    });
    using _abort = new AbortListener(options.signal, reject);
    using _deadline = this.#deadline(options, reject);
    const present = await this.status();
    if (present === undefined || (id !== undefined && present.id !== id)) return undefined;
    return isOver(present) ? present : await promise;
  }

  #deadline(options: FinishedOptions, reject: (error: Error) => void): Disposable {
    const { queue, sessions, context } = this.#parts;
    const message = `the update of ${this.#endpointName} is not over within the time given`;
    const item: Expirable = {
      dueAt: undefined,
      heapIndex: 0,
      expired: () => reject(new TransmissionError('expired', message)),
    };
    const deadline = deadlineOf(options, context.now());
    if (deadline !== undefined) queue.schedule(item, deadline);
    return { [Symbol.dispose]: () => sessions.unschedule(item) };
  }
}

function deliveryOf({ method = 'automatic', protocol, blockSize }: FirmwareOptions): FirmwareDelivery {
  if (method === 'push' && protocol !== undefined)
    throw new UsageError('a protocol is for images that the device pulls');
  const isBlockSize = blockSize === undefined || [16, 32, 64, 128, 256, 512, 1024].includes(blockSize);
  if (!isBlockSize) throw new UsageError(`blocks have 16, 32, … 1024 bytes, not ${blockSize}`);
  return {
    method,
    ...(protocol === undefined ? {} : { protocol }),
    ...(blockSize === undefined ? {} : { blockSize }),
  };
}

/** One that is being cancelled may be followed by another at once. */
function throwIfUnderWay(previous: FirmwareUpdate | undefined): void {
  if (previous === undefined || isOver(previous) || previous.state.kind === 'cancelling') return;
  const { endpointName, image } = previous;
  throw new FirmwareConflictError(
    `${endpointName} is being updated to ${image.name} already: cancel that first, or wait until it is over`,
  );
}
