import { type Milliseconds, milliseconds } from '@dunlin/base';

import { inBackground } from '../in-background.ts';
import { SerialTasks } from '../maybe-promise.ts';
import type { ServerContext } from '../server-context.ts';
import { ActiveUpdate, transferOf, withProgress, withState } from './active-update.ts';
import { type FirmwareUpdate, isOver, transferredBytes } from './firmware-update.ts';

/**
 * The updates that are under way, in memory and in the store, changed one after the other for each device. What a
 * state says is in the store before anything is done by it; progress follows now and then.
 */
export class FirmwareRecords {
  readonly #context: ServerContext;
  readonly #onDue: (active: ActiveUpdate) => void;
  readonly #onOver: (active: ActiveUpdate) => void;
  readonly #active = new Map<string, ActiveUpdate>();
  /** By the token of the URI. */
  readonly #byToken = new Map<string, ActiveUpdate>();
  readonly #tasks = new SerialTasks();

  constructor(
    context: ServerContext,
    handlers: {
      readonly onDue: (active: ActiveUpdate) => void;
      readonly onOver: (active: ActiveUpdate) => void;
    },
  ) {
    this.#context = context;
    this.#onDue = handlers.onDue;
    this.#onOver = handlers.onOver;
  }

  /** Learns which updates are under way: before the first device is heard. */
  async load(): Promise<void> {
    for (const update of await this.#context.devices.openFirmwareUpdates()) this.#add(update);
  }

  get size(): number {
    return this.#active.size;
  }

  all(): IterableIterator<ActiveUpdate> {
    return this.#active.values();
  }

  find(endpointName: string): ActiveUpdate | undefined {
    return this.#active.size === 0 ? undefined : this.#active.get(endpointName);
  }

  findByToken(token: string): ActiveUpdate | undefined {
    return this.#byToken.get(token);
  }

  /** Begins an update in place of the one before, if `begin` makes one of that. */
  async start(
    endpointName: string,
    begin: (previous: FirmwareUpdate | undefined) => FirmwareUpdate,
  ): Promise<ActiveUpdate> {
    return await this.#tasks.run(endpointName, async () => {
      const present = this.#active.get(endpointName);
      const update = begin(present?.update ?? (await this.#context.devices.findFirmwareUpdate(endpointName)));
      await this.#context.devices.putFirmwareUpdate(update);
      if (present !== undefined) this.#displace(present);
      const active = this.#add(update);
      this.#tell(active);
      return active;
    });
  }

  /** Changes an update as long as it is under way; false when `change` makes nothing of it. */
  async change(
    active: ActiveUpdate,
    change: (update: FirmwareUpdate) => FirmwareUpdate | undefined,
  ): Promise<boolean> {
    return await this.#tasks.run(active.endpointName, async () => {
      if (this.#active.get(active.endpointName) !== active) return false;
      const next = change(active.update);
      if (next === undefined || next === active.update) return next !== undefined;
      await this.#context.devices.putFirmwareUpdate(next);
      this.#replace(active, next);
      this.#tell(active);
      if (isOver(next)) {
        this.#remove(active);
        this.#context.signals.firmwareFinished.emit(next);
        this.#onOver(active);
      }
      return true;
    });
  }

  /** The device has so many bytes by now. Told at most once a second, and written every few seconds. */
  progressed(active: ActiveUpdate, bytes: number): void {
    const now = this.#context.now();
    const next = withProgress(active.update, bytes, now);
    if (next === active.update) return;
    active.update = next;
    active.isUnwritten = true;
    const isDue = (last: number | undefined, period: Milliseconds): boolean =>
      last === undefined || now >= last + period;
    if (isDue(active.toldAt, tellingPeriod) || transferredBytes(next) === next.image.size) this.#tell(active);
    if (!isDue(active.writtenAt, writingPeriod)) return;
    active.writtenAt = now;
    inBackground(this.#context, `keeping how far the update of ${active.endpointName} is`, () =>
      this.#write(active),
    );
  }

  /** Writes what is not written yet: before the process ends. What cannot be written is told by `diagnostics`. */
  async writeAll(): Promise<void> {
    const { signals, now } = this.#context;
    const doing = 'keeping how far updates of firmware are';
    const unwritten = [...this.#active.values()].filter(({ isUnwritten }) => isUnwritten);
    for (const outcome of await Promise.allSettled(unwritten.map((active) => this.#write(active)))) {
      if (outcome.status === 'fulfilled') continue;
      signals.diagnostics.emit({ kind: 'store-failed', time: now(), doing, error: outcome.reason });
    }
  }

  async #write(active: ActiveUpdate): Promise<void> {
    await this.#tasks.run(active.endpointName, () => {
      if (this.#active.get(active.endpointName) !== active) return undefined;
      active.isUnwritten = false;
      return this.#context.devices.putFirmwareUpdate(active.update);
    });
  }

  #add(update: FirmwareUpdate): ActiveUpdate {
    const active = new ActiveUpdate(update, this.#onDue);
    this.#active.set(update.endpointName, active);
    this.#noteToken(active);
    return active;
  }

  /** Progress that was made meanwhile is not lost, as long as it is of the same transfer. */
  #replace(active: ActiveUpdate, next: FirmwareUpdate): void {
    const [before, after] = [transferOf(active.update), transferOf(next)];
    const isSame = before?.method === 'pull' && after?.method === 'pull' && before.token === after.token;
    if (before?.method === 'pull' && !isSame) this.#byToken.delete(before.token);
    active.update = isSame
      ? withProgress(next, transferredBytes(active.update), active.update.activeAt)
      : next;
    this.#noteToken(active);
  }

  #noteToken(active: ActiveUpdate): void {
    const transfer = transferOf(active.update);
    if (transfer?.method === 'pull') this.#byToken.set(transfer.token, active);
  }

  /** Another one took its place: it is over for those who wait for its end. */
  #displace(active: ActiveUpdate): void {
    this.#remove(active);
    const at = this.#context.now();
    const state = { kind: 'cancelled', at } as const;
    const cancelled = withState(active.update, state, at, 'another update took its place');
    this.#context.signals.firmwareFinished.emit(cancelled);
  }

  #remove(active: ActiveUpdate): void {
    this.#active.delete(active.endpointName);
    const transfer = transferOf(active.update);
    if (transfer?.method === 'pull') this.#byToken.delete(transfer.token);
  }

  #tell(active: ActiveUpdate): void {
    active.toldAt = this.#context.now();
    this.#context.signals.firmwareProgress.emit(active.update);
  }
}

/** Often enough for an eye, and for a device that is on its way. */
const tellingPeriod: Milliseconds = milliseconds(1000);
/** What a kill may take away of the progress that is shown; a transfer goes on where the device is. */
const writingPeriod: Milliseconds = milliseconds(5000);
