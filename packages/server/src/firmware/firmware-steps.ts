import { type Instant, TransmissionError } from '@dunlin/base';
import { maxBlockNumber, maxBlockSize } from '@dunlin/coap';

import { ResponseError } from '../errors.ts';
import type { Registration } from '../registration.ts';
import type { ServerContext } from '../server-context.ts';
import { type ActiveUpdate, withLog, withState } from './active-update.ts';
import { chooseDelivery } from './delivery.ts';
import type { DeviceFacts } from './device-facts.ts';
import type { DeviceQuestions } from './device-questions.ts';
import type { FirmwareRecords } from './firmware-records.ts';
import type { FirmwareFailure, FirmwareState, FirmwareTransfer, FirmwareUpdate } from './firmware-update.ts';
import type { FirmwareUris } from './firmware-uris.ts';
import type { ImagePush } from './image-push.ts';
import type { FirmwareStep } from './next-step.ts';
import type { PushLine } from './push-line.ts';
import { DeviceFirmwareState } from './update-result.ts';

/**
 * How a look at a device ended: there is nothing to do but to wait (`settled`), it waits for its turn to be pushed to
 * (`in-line`), it went out of reach (`interrupted`), something went wrong that may go well later (`failed`).
 */
export type LookOutcome = 'settled' | 'in-line' | 'interrupted' | 'failed';

/** A look at a device that is under way. */
export interface Look {
  readonly active: ActiveUpdate;
  readonly registration: Registration;
  readonly facts: DeviceFacts;
  readonly signal: AbortSignal;
  /** How often the device was to forget what it has. */
  readonly resets: number;
  /** What the device refused: what counts is where it is then (R-1057a). */
  refusal: { readonly step: FirmwareStep['kind']; readonly error: ResponseError } | undefined;
}

/** `again`: where the device is now has to be seen. */
export type StepOutcome = LookOutcome | 'again';

/** What `StepPerformer` works with. */
export interface StepParts {
  readonly context: ServerContext;
  readonly records: FirmwareRecords;
  readonly questions: DeviceQuestions;
  readonly push: ImagePush;
  readonly line: PushLine;
  readonly uris: FirmwareUris;
}

/** Does what is next. What is going to be asked of a device is in the store before. */
export class StepPerformer {
  readonly #parts: StepParts;

  constructor(parts: StepParts) {
    this.#parts = parts;
  }

  async perform(look: Look, step: FirmwareStep): Promise<StepOutcome> {
    switch (step.kind) {
      case 'wait':
        return await this.#wait(look, step.isBegun === true);
      case 'reset':
        return await this.#reset(look);
      case 'begin':
        return await this.#begin(look);
      case 'push':
        return await this.#push(look);
      case 'tell-uri':
        return await this.#tellUri(look);
      case 'execute':
        return await this.#execute(look);
      case 'again':
        return await this.#beginAnew(look, step.why);
      case 'downloaded':
        return await this.#become(look, { kind: 'downloaded' }, `${this.#name(look)} has the image`);
      case 'installing': {
        const askedUnder = look.registration.id;
        const state = { kind: 'installing', askedUnder, isBegun: true, executions: 0 } as const;
        return await this.#become(look, state, `${this.#name(look)} installs an image`);
      }
      case 'succeeded':
        return await this.#succeed(look);
      case 'judge-by-version':
        return await this.#judgeByVersion(look);
      case 'cancelled': {
        const state = { kind: 'cancelled', at: this.#now() } as const;
        return await this.#become(look, state, `${this.#name(look)} has nothing of the image any more`);
      }
      case 'failed':
        return await this.#fail(look, step.failure);
    }
  }

  async #wait({ active }: Look, isBegun: boolean): Promise<StepOutcome> {
    if (isBegun) await this.#parts.records.change(active, begun);
    return 'settled';
  }

  /**
   * An empty URI first: every device of 1.0 has the Resource. A Package of one byte is for those that did not take
   * that, and never for one that is idle, which might take it for an image.
   */
  async #reset(look: Look): Promise<StepOutcome> {
    const { active, registration, facts, resets, signal } = look;
    const isIdle = facts.state === DeviceFirmwareState.idle;
    if (resets > (isIdle ? 1 : 2)) {
      if (isIdle) return await this.#change(look, (update) => ({ ...update, staleResult: facts.result }));
      const message = `${active.endpointName} does not forget the image that it has`;
      return await this.#fail(look, { reason: 'misbehaved', message });
    }
    try {
      await this.#parts.questions.reset(registration, resets === 1 ? 'uri' : 'package', signal);
    } catch (error) {
      if (!(error instanceof ResponseError)) throw error;
      await this.#change(look, (update) => withLog(update, this.#now(), error.message));
    }
    return 'again';
  }

  async #begin(look: Look): Promise<StepOutcome> {
    const { active, registration, facts, signal } = look;
    const { endpointName, image, attempts, delivery, versionBefore } = active.update;
    const { firmwareAttempts } = this.#parts.context.limits;
    if (attempts >= firmwareAttempts) {
      const last = active.update.log.at(-1)?.message ?? '';
      const message = `the image was sent to ${endpointName} ${attempts} times in vain; the last time ${last}`;
      return await this.#fail(look, { reason: 'lost', message });
    }
    const mismatch = await this.#mismatch(look);
    if (mismatch !== undefined) return await this.#fail(look, { reason: 'unsupported', message: mismatch });
    const mostBlocks = maxBlockNumber + 1;
    const offers = await this.#parts.uris.offersFor(registration);
    const isSecured = registration.peer.security.kind !== 'none';
    const chosen = chooseDelivery(endpointName, facts, delivery, { offers, isSecured });
    if (chosen.kind === 'none') return await this.#fail(look, chosen.failure);
    if (chosen.kind === 'push' && image.size > mostBlocks * (delivery.blockSize ?? maxBlockSize)) {
      const message = `the image has more blocks than a transfer can count: ${image.size} bytes`;
      return await this.#fail(look, { reason: 'unsupported', message });
    }
    const version = versionBefore ?? (await this.#parts.questions.version(registration, signal));
    const begin = (update: FirmwareUpdate, transfer: FirmwareTransfer, how: string): FirmwareUpdate => ({
      ...withState(update, { kind: 'transferring', transfer }, this.#now(), how),
      attempts: update.attempts + 1,
      versionBefore: version,
    });
    if (chosen.kind === 'push') {
      const transfer = { method: 'push', isBegun: false, sent: 0 } as const;
      return await this.#change(look, (update) => begin(update, transfer, 'the image is pushed'));
    }
    const { protocol } = chosen.offer;
    const { token, uri } = this.#parts.uris.newUri(chosen.offer);
    const transfer = { method: 'pull', isBegun: false, protocol, uri, token, served: 0 } as const;
    return await this.#change(look, (update) =>
      begin(update, transfer, `${endpointName} is to fetch the image by ${protocol}`),
    );
  }

  /** Why the image is not for this device; a device that does not tell its model is believed to be right. */
  async #mismatch({ active, registration, signal }: Look): Promise<string | undefined> {
    const { endpointName, image } = active.update;
    if (image.model === undefined) return undefined;
    const model = await this.#parts.questions.model(registration, signal);
    if (model === undefined || model === image.model) return undefined;
    return `${image.name} is for the model ${image.model}, and ${endpointName} is a ${model} (/3/0/1)`;
  }

  async #push(look: Look): Promise<StepOutcome> {
    const { active, registration, signal } = look;
    const { line, push } = this.#parts;
    if (!line.enter(active)) return 'in-line';
    const outcome = await push.run(active, registration, signal).finally(() => line.left(active));
    switch (outcome.kind) {
      case 'whole':
        return await this.#change(look, (update) => withLog(update, this.#now(), 'the image is sent'));
      case 'incomplete':
        return await this.#beginAnew(look, `${active.endpointName} has lost the beginning of the image`);
      case 'refused':
        return await this.#refused(look, 'push', outcome.error);
      case 'unreadable':
        return await this.#fail(look, { reason: 'image-unreadable', message: outcome.message });
    }
  }

  async #tellUri(look: Look): Promise<StepOutcome> {
    const { active, registration, signal } = look;
    const { state } = active.update;
    if (state.kind !== 'transferring' || state.transfer.method !== 'pull') return 'again';
    try {
      await this.#parts.questions.tellUri(registration, state.transfer.uri, signal);
    } catch (error) {
      if (error instanceof ResponseError) return await this.#refused(look, 'tell-uri', error);
      throw error;
    }
    return await this.#change(look, (update) =>
      update.state.kind === 'transferring' && update.state.transfer.method === 'pull'
        ? {
            ...update,
            state: { ...update.state, transfer: { ...update.state.transfer, askedUnder: registration.id } },
          }
        : undefined,
    );
  }

  async #execute(look: Look): Promise<StepOutcome> {
    const { active, registration, signal } = look;
    const { endpointName, state } = active.update;
    const executions = state.kind === 'installing' ? state.executions : 0;
    if (executions >= this.#parts.context.limits.firmwareAttempts) {
      const message = `${endpointName} was asked ${executions} times to install the image and does not begin`;
      return await this.#fail(look, { reason: 'misbehaved', message });
    }
    const installing = { kind: 'installing', askedUnder: registration.id, isBegun: false } as const;
    const isAsked = await this.#change(look, (update) => {
      const mayBegin = update.state.kind === 'downloaded' || update.state.kind === 'installing';
      if (!mayBegin || update.state.kind !== state.kind) return undefined;
      const asked = { ...installing, executions: executions + 1 };
      return withState(update, asked, this.#now(), `${endpointName} is to install the image`);
    });
    if (isAsked !== 'again') return isAsked;
    try {
      await this.#parts.questions.execute(registration, signal);
    } catch (error) {
      if (error instanceof ResponseError) return await this.#refused(look, 'execute', error);
      throw error;
    }
    return await this.#change(look, begun);
  }

  async #beginAnew(look: Look, why: string): Promise<StepOutcome> {
    return await this.#become(look, { kind: 'waiting' }, why);
  }

  async #succeed(look: Look): Promise<StepOutcome> {
    const firmwareVersion = await this.#versionNow(look);
    const { image } = look.active.update;
    const isOther = image.version !== undefined && firmwareVersion !== image.version;
    const message = isOther
      ? `${this.#name(look)} reports success and says that its firmware is ${firmwareVersion ?? 'unknown'}, not ${image.version}`
      : `${this.#name(look)} has installed the image`;
    const version = firmwareVersion === undefined ? {} : { firmwareVersion };
    return await this.#become(look, { kind: 'succeeded', at: this.#now(), ...version }, message);
  }

  /** What the version tells when the device does not say more: it is that of the image, or at least another one. */
  async #judgeByVersion(look: Look): Promise<StepOutcome> {
    const { image, versionBefore, state } = look.active.update;
    const version = await this.#parts.questions.version(look.registration, look.signal);
    const isNew =
      image.version === undefined
        ? version !== undefined && versionBefore !== undefined && version !== versionBefore
        : version === image.version;
    if (isNew) return await this.#succeed(look);
    const hasBegun = state.kind === 'installing' && state.isBegun;
    if (!hasBegun)
      return await this.#beginAnew(look, `${this.#name(look)} has lost the image before it installed it`);
    const message =
      `${this.#name(look)} is idle again without saying how the installation ended; ` +
      `its firmware is ${version ?? 'of no version that it tells'}`;
    return await this.#fail(look, { reason: 'outcome-unknown', message });
  }

  /** It is known already how the update ended: a device that is gone before it is asked changes nothing about that. */
  async #versionNow({ active, registration, signal }: Look): Promise<string | undefined> {
    const { context, questions } = this.#parts;
    try {
      return await questions.version(registration, signal);
    } catch (error) {
      // Devices say how it ended, and then start again with what is new.
      const hasComeBack = error instanceof TransmissionError && error.code === 'superseded';
      const present = hasComeBack ? await context.store.findByEndpoint(active.endpointName) : undefined;
      return present && (await questions.version(present, signal).catch(() => undefined));
    }
  }

  async #refused(look: Look, step: FirmwareStep['kind'], error: ResponseError): Promise<StepOutcome> {
    // It has no room or time just now, perhaps (RFC 7252 §5.9.3).
    if (error.blame === 'device') throw error;
    look.refusal = { step, error };
    return await this.#change(look, (update) => withLog(update, this.#now(), error.message));
  }

  async #fail(look: Look, failure: FirmwareFailure): Promise<StepOutcome> {
    return await this.#become(look, { kind: 'failed', at: this.#now(), failure }, failure.message);
  }

  async #become(look: Look, state: FirmwareState, message: string): Promise<StepOutcome> {
    const before = look.active.update.state.kind;
    // Whoever cancelled it meanwhile wins.
    return await this.#change(look, (update) =>
      update.state.kind === before ? withState(update, state, this.#now(), message) : undefined,
    );
  }

  /** Nothing is to be seen any more of an update that is over. */
  async #change(
    { active }: Look,
    change: (update: FirmwareUpdate) => FirmwareUpdate | undefined,
  ): Promise<StepOutcome> {
    await this.#parts.records.change(active, change);
    return this.#parts.records.find(active.endpointName) === active ? 'again' : 'settled';
  }

  #name({ active }: Look): string {
    return active.endpointName;
  }

  #now(): Instant {
    return this.#parts.context.now();
  }
}

/** The device was seen at what it was asked for. */
function begun(update: FirmwareUpdate): FirmwareUpdate | undefined {
  const { state } = update;
  if (state.kind === 'installing')
    return state.isBegun ? undefined : { ...update, state: { ...state, isBegun: true } };
  if (state.kind !== 'transferring' || state.transfer.isBegun) return undefined;
  return { ...update, state: { ...state, transfer: { ...state.transfer, isBegun: true } } };
}
