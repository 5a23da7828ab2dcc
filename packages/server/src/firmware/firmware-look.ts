import { DunlinError, TransmissionError } from '@dunlin/base';

import { DeviceNotRegisteredError, ResponseError } from '../errors.ts';
import { DeviceAsleepError } from '../queue-mode/operation-errors.ts';
import type { Registration } from '../registration.ts';
import type { ServerContext } from '../server-context.ts';
import { type ActiveUpdate, withLog, withState } from './active-update.ts';
import type { DeviceFacts } from './device-facts.ts';
import { type DeviceQuestions, toldPaths } from './device-questions.ts';
import type { FirmwareRecords } from './firmware-records.ts';
import type { Look, LookOutcome, StepPerformer } from './firmware-steps.ts';
import type { FirmwareFailure } from './firmware-update.ts';
import { nextStep } from './next-step.ts';

/** More steps than any update has: a device that never settles is looked at again later. */
const maxSteps = 20;

/** Brings an update as far as it can: reads where the device is, does what is next, and so on. */
export class FirmwareLook {
  readonly #context: ServerContext;
  readonly #records: FirmwareRecords;
  readonly #questions: DeviceQuestions;
  readonly #steps: StepPerformer;

  constructor(parts: {
    readonly context: ServerContext;
    readonly records: FirmwareRecords;
    readonly questions: DeviceQuestions;
    readonly steps: StepPerformer;
  }) {
    this.#context = parts.context;
    this.#records = parts.records;
    this.#questions = parts.questions;
    this.#steps = parts.steps;
  }

  async run(active: ActiveUpdate, signal: AbortSignal): Promise<LookOutcome> {
    try {
      return await this.#run(active, signal);
    } catch (error) {
      if (signal.aborted || isInterruption(error)) return 'interrupted';
      if (!DunlinError.is(error) || error.code === 'storage') throw error;
      if (error instanceof ResponseError && error.blame === 'caller') {
        await this.#fail(active, failureOf(active, error));
        return 'settled';
      }
      await this.#note(active, error.message);
      return 'failed';
    }
  }

  async #run(active: ActiveUpdate, signal: AbortSignal): Promise<LookOutcome> {
    let refusal: Look['refusal'];
    let resets = 0;
    for (let count = 0; count < maxSteps; count += 1) {
      const registration = await this.#context.store.findByEndpoint(active.endpointName);
      if (registration === undefined) return 'interrupted';
      if (!registration.objects.has(5)) {
        await this.#fail(active, noObject(active));
        return 'settled';
      }
      await this.#observe(active, registration, signal);
      const facts = await this.#questions.facts(registration, signal);
      await this.#heed(active, facts);
      const step = nextStep(active.update, facts, registration.id);
      if (refusal !== undefined && refusal.step === step.kind) {
        await this.#fail(active, failureOf(active, refusal.error));
        return 'settled';
      }
      if (step.kind === 'reset') resets += 1;
      const look: Look = { active, registration, facts, signal, resets, refusal: undefined };
      const outcome = await this.#steps.perform(look, step);
      if (outcome !== 'again') return outcome;
      refusal = look.refusal;
    }
    await this.#note(active, `${active.endpointName} does not come to rest`);
    return 'failed';
  }

  /** Has the device tell of its State and Result; one that does not is asked now and then. */
  async #observe(active: ActiveUpdate, registration: Registration, signal: AbortSignal): Promise<void> {
    if (active.isUnobservable || active.update.state.kind === 'cancelling') return;
    for (const path of toldPaths) {
      try {
        const isOurs = await this.#questions.observe(registration, path, signal);
        if (!isOurs || active.update.observed.includes(path)) continue;
        await this.#records.change(active, (update) => ({ ...update, observed: [...update.observed, path] }));
      } catch (error) {
        if (!(error instanceof ResponseError)) throw error;
        active.isUnobservable = true;
        await this.#note(active, `${error.message}; it is asked now and then instead`);
        return;
      }
    }
  }

  /** A result that is another one than that of before is of this update. */
  async #heed(active: ActiveUpdate, { result }: DeviceFacts): Promise<void> {
    const { staleResult } = active.update;
    if (staleResult === undefined || staleResult === result) return;
    await this.#records.change(active, (update) => ({ ...update, staleResult: undefined }));
  }

  async #fail(active: ActiveUpdate, failure: FirmwareFailure): Promise<void> {
    const at = this.#context.now();
    await this.#records.change(active, (update) =>
      withState(update, { kind: 'failed', at, failure }, at, failure.message),
    );
  }

  async #note(active: ActiveUpdate, message: string): Promise<void> {
    await this.#records.change(active, (update) => withLog(update, this.#context.now(), message));
  }
}

/** True for what says nothing about the update: the device could not be asked. */
function isInterruption(error: unknown): boolean {
  if (error instanceof DeviceAsleepError || error instanceof DeviceNotRegisteredError) return true;
  return error instanceof TransmissionError && error.code !== 'reset';
}

function failureOf({ endpointName }: ActiveUpdate, error: ResponseError): FirmwareFailure {
  const { message, coapCode } = error;
  if (coapCode === '4.04') {
    return {
      reason: 'unsupported',
      message: `${endpointName} has no Firmware Update Object: ${message}`,
      coapCode,
    };
  }
  return { reason: 'refused', message, coapCode };
}

function noObject({ endpointName }: ActiveUpdate): FirmwareFailure {
  return { reason: 'unsupported', message: `${endpointName} does not have the Firmware Update Object (5)` };
}
