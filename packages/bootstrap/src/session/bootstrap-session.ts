import type { Instant } from '@dunlin/base';
import { diagnosticText, formatCode, type IncomingResponse } from '@dunlin/coap';
import { formatPath, judgeBootstrapResponse, type OutgoingBootstrapOperation } from '@dunlin/lwm2m';

import type { GivenConfiguration } from '../configuration/bootstrap-configuration.ts';
import { bootstrapSequence } from './bootstrap-sequence.ts';
import { isSequenceFailure, type OperationAnswer, type Sequence } from './sequence.ts';
import type { BootstrapSessionRecord, BootstrapStep, SessionFailure } from './session-record.ts';

/** What is known of a session before it begins. */
export type SessionFacts = Pick<
  BootstrapSessionRecord,
  'id' | 'endpointName' | 'initiatedBy' | 'address' | 'port' | 'security'
>;

type State =
  | { readonly kind: 'running'; readonly awaited: OutgoingBootstrapOperation | undefined }
  | { readonly kind: 'over'; readonly at: Instant; readonly failure: SessionFailure | undefined };

/**
 * One bootstrap of one device: which operation comes next, and what the log says. It asks for one thing at a time
 * and is over for good when the last is answered or one of them fails.
 */
export class BootstrapSession {
  readonly #facts: SessionFacts;
  readonly #configuration: GivenConfiguration;
  readonly #startedAt: Instant;
  readonly #maxSteps: number;
  readonly #sequence: Sequence<undefined>;
  readonly #steps: BootstrapStep[] = [];
  #state: State = { kind: 'running', awaited: undefined };

  constructor(
    facts: SessionFacts,
    configuration: GivenConfiguration,
    { now, maxSteps }: { readonly now: Instant; readonly maxSteps: number },
  ) {
    this.#facts = facts;
    this.#configuration = configuration;
    this.#startedAt = now;
    this.#maxSteps = maxSteps;
    this.#sequence = bootstrapSequence(configuration);
    if (facts.initiatedBy === 'client') {
      const answer = { at: now, coapCode: '2.04', diagnostic: '' };
      this.#steps.push({ operation: 'bootstrap-request', startedAt: now, answer });
    }
  }

  get endpointName(): string {
    return this.#facts.endpointName;
  }

  get isOver(): boolean {
    return this.#state.kind === 'over';
  }

  /** The step that was last begun or answered. */
  get lastStep(): BootstrapStep | undefined {
    return this.#steps.at(-1);
  }

  /** As it is now; does not change any more. */
  get record(): BootstrapSessionRecord {
    const state = this.#state;
    const { id, endpointName, initiatedBy, address, port, security } = this.#facts;
    return {
      id,
      endpointName,
      initiatedBy,
      address,
      port,
      security,
      target: this.#configuration.target,
      startedAt: this.#startedAt,
      ...(state.kind === 'running'
        ? { outcome: 'running' }
        : {
            endedAt: state.at,
            outcome: state.failure === undefined ? 'finished' : 'failed',
            ...(state.failure !== undefined && { failure: state.failure }),
          }),
      steps: [...this.#steps],
    };
  }

  /** The first operation. */
  begin(now: Instant): OutgoingBootstrapOperation | undefined {
    return this.#advance(this.#sequence.next(), now);
  }

  /** Takes the answer to the operation that is awaited; gives the next one, or `undefined` when the session is over. */
  answered(response: IncomingResponse, now: Instant): OutgoingBootstrapOperation | undefined {
    const state = this.#state;
    if (state.kind === 'over' || state.awaited === undefined) return undefined;
    const { name } = state.awaited;
    const verdict = judgeBootstrapResponse(name, response.code);
    const coapCode = formatCode(response.code);
    const diagnostic = verdict === 'refusal' ? diagnosticText(response) : '';
    this.#note({ at: now, coapCode, diagnostic });
    if (verdict === 'unexpected') {
      const reason = `${this.endpointName} answered ${titleOf(state.awaited)} with ${coapCode}, which is no answer to it (1.0 §8.5)`;
      this.fail({ kind: 'misbehaved', reason }, now);
      return undefined;
    }
    const answer: OperationAnswer =
      verdict === 'success'
        ? { kind: 'success', response }
        : { kind: 'refused', code: response.code, diagnostic };
    return this.#advance(this.#sequence.next(answer), now);
  }

  /** Ends it for a reason from outside; harmless when it is over. */
  fail(failure: SessionFailure, now: Instant): void {
    if (this.#state.kind === 'over') return;
    this.#state = { kind: 'over', at: now, failure };
  }

  #advance(
    result: IteratorResult<OutgoingBootstrapOperation, unknown>,
    now: Instant,
  ): OutgoingBootstrapOperation | undefined {
    if (result.done === true) {
      const { value } = result;
      const failure: SessionFailure | undefined = isSequenceFailure(value)
        ? { kind: 'refused', reason: `${this.endpointName} ${value.reason}` }
        : undefined;
      this.#state = { kind: 'over', at: now, failure };
      return undefined;
    }
    if (this.#steps.length >= this.#maxSteps) {
      const reason = `the bootstrap of ${this.endpointName} takes more than ${this.#maxSteps} steps`;
      this.fail({ kind: 'timed-out', reason }, now);
      return undefined;
    }
    const awaited = result.value;
    this.#state = { kind: 'running', awaited };
    this.#steps.push(stepOf(awaited, now));
    return awaited;
  }

  #note(answer: NonNullable<BootstrapStep['answer']>): void {
    const last = this.#steps.pop();
    if (last !== undefined) this.#steps.push({ ...last, answer });
  }
}

/** An operation in words, like `the Write of /0/1`. */
export function titleOf(operation: OutgoingBootstrapOperation): string {
  switch (operation.name) {
    case 'bootstrap-discover':
      return `the Discover of ${formatPath(operation.path)}`;
    case 'bootstrap-delete':
      return `the Delete of ${formatPath(operation.path)}`;
    case 'bootstrap-write':
      return `the Write of ${formatPath(operation.path)}`;
    case 'bootstrap-finish':
      return 'Finish';
  }
}

function stepOf(operation: OutgoingBootstrapOperation, startedAt: Instant): BootstrapStep {
  const { name } = operation;
  switch (operation.name) {
    case 'bootstrap-finish':
      return { operation: name, startedAt };
    case 'bootstrap-discover':
    case 'bootstrap-delete':
      return { operation: name, path: formatPath(operation.path), startedAt };
    case 'bootstrap-write': {
      const { path, contentFormat, payload } = operation;
      return { operation: name, path: formatPath(path), contentFormat, length: payload.length, startedAt };
    }
  }
}
