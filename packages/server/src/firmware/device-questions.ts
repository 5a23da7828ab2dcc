import { ProtocolError } from '@dunlin/base';
import { type Content, FirmwareUpdate, formatPath, parsePath, type Path, pathOf } from '@dunlin/lwm2m';

import type { OperationRequest } from '../device-store/operation-request.ts';
import type { OperationResult } from '../device-store/queued-operation.ts';
import { ResponseError } from '../errors.ts';
import type { NotificationConsumer } from '../notification-consumer.ts';
import { definitionFor } from '../object-version.ts';
import type { Observations } from '../observations.ts';
import type { Registration } from '../registration.ts';
import type { RequestPerformer } from '../request-performer.ts';
import type { ServerContext } from '../server-context.ts';
import { type DeviceFacts, deviceFactsOf } from './device-facts.ts';
import type { DeviceTurns } from './device-turns.ts';

/** What is asked of the Firmware Update Object of a device, and how. All of it rejects like the methods of `Device`. */
export class DeviceQuestions {
  readonly #context: ServerContext;
  readonly #performer: RequestPerformer;
  readonly #observations: Observations;
  readonly #turns: DeviceTurns;

  constructor(parts: {
    readonly context: ServerContext;
    readonly performer: RequestPerformer;
    readonly observations: Observations;
    readonly turns: DeviceTurns;
  }) {
    this.#context = parts.context;
    this.#performer = parts.performer;
    this.#observations = parts.observations;
    this.#turns = parts.turns;
  }

  /** What the device says of itself, all in one answer, so that State and Result are of one time. */
  async facts(registration: Registration, signal: AbortSignal): Promise<DeviceFacts> {
    const content = await this.#read(registration, pathOf(5, 0), signal);
    const facts = deviceFactsOf(content);
    if (facts !== undefined) return facts;
    throw new ProtocolError(
      `${registration.endpointName} does not say its State (/5/0/3) and Update Result (/5/0/5)`,
    );
  }

  /** The version of its firmware; `undefined` when the device has none to tell. */
  async version(registration: Registration, signal: AbortSignal): Promise<string | undefined> {
    return await this.#text(registration, pathOf(3, 0, 3), signal);
  }

  /** Its Model Number; `undefined` when the device has none to tell. */
  async model(registration: Registration, signal: AbortSignal): Promise<string | undefined> {
    return await this.#text(registration, pathOf(3, 0, 1), signal);
  }

  /** Has the device forget its image: by an empty Package URI, or by a Package of one zero byte (1.0 E.6, R-1053). */
  async reset(registration: Registration, way: 'uri' | 'package', signal: AbortSignal): Promise<void> {
    if (way === 'uri') await this.tellUri(registration, '', signal);
    else await this.#write(registration, pathOf(5, 0, 0), Uint8Array.of(0), signal);
  }

  async tellUri(registration: Registration, uri: string, signal: AbortSignal): Promise<void> {
    await this.#write(registration, pathOf(5, 0, 1), uri, signal);
  }

  async execute(registration: Registration, signal: AbortSignal): Promise<void> {
    await this.#ask(registration, { name: 'execute', path: pathOf(5, 0, 2), arguments: '' }, signal);
  }

  /** Has the device tell of a path by itself, and says whether it does so only because of this. */
  async observe(registration: Registration, pathText: string, signal: AbortSignal): Promise<boolean> {
    const path = parsePath(pathText);
    const stored = await this.#context.store.observationsOf(registration.id);
    if (path === undefined || stored.some((each) => each.path === pathText)) return false;
    await this.#turns.run(registration, signal, async (present, wait) => {
      const definition = definitionFor(this.#context.definitions, present, path);
      const target = { path, pathText, format: undefined, definition };
      await this.#observations.begin(present, target, new Unconcerned(), wait);
    });
    return true;
  }

  /** The next notification of the path is rejected, which ends it. */
  async endObservation(registration: Registration, pathText: string): Promise<void> {
    await this.#observations.cancel(registration, pathText, { way: 'passive' });
  }

  async #text(registration: Registration, path: Path, signal: AbortSignal): Promise<string | undefined> {
    try {
      const content = await this.#read(registration, path, signal);
      if (content.kind !== 'resource' || content.resource.kind !== 'single') return undefined;
      const { value } = content.resource;
      return typeof value === 'string' ? value : undefined;
    } catch (error) {
      if (error instanceof ResponseError || error instanceof ProtocolError) return undefined;
      throw error;
    }
  }

  async #read(registration: Registration, path: Path, signal: AbortSignal): Promise<Content> {
    const result = await this.#ask(registration, { name: 'read', path }, signal);
    if (result.kind === 'content') return result.content;
    throw new Error(`a Read gave a result of kind ${result.kind}`);
  }

  async #write(
    registration: Registration,
    path: Path,
    value: string | Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const type = typeof value === 'string' ? 'string' : 'opaque';
    const content: Content = { kind: 'resource', resource: { kind: 'single', type, value } };
    await this.#ask(registration, { name: 'write-replace', path, content }, signal);
  }

  async #ask(
    registration: Registration,
    request: OperationRequest,
    signal: AbortSignal,
  ): Promise<OperationResult> {
    return await this.#turns.run(registration, signal, (present, wait) =>
      this.#performer.perform(present, { request }, wait),
    );
  }
}

/** The paths that tell how an update goes. */
export const toldPaths: readonly string[] = [
  formatPath(FirmwareUpdate.state.path),
  formatPath(FirmwareUpdate.updateResult.path),
];

/** Notifications of firmware come by the signal of the server. */
class Unconcerned implements NotificationConsumer {
  deliver(): undefined {
    return undefined;
  }

  begun(): void {
    // The caller learns of it by the promise.
  }

  finish(): void {
    // A device that answers and does not notify is asked now and then.
  }

  fail(): void {
    // It is observed again with the next look at the device.
  }
}
