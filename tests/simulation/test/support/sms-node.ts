import type { Instant } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapOutput,
  type DeliveryFailure,
  type Driven,
  Method,
  type OutgoingDatagram,
  type Peer,
  ResponseCode,
  type Shell,
  smsPeer,
} from '@dunlin/coap';
import { type SmsBinding, sms } from '@dunlin/node';
import type { SimulatedCarrier, SimulatedMessageCentre } from '@dunlin/simulation';
import {
  type LinkBudgets,
  memoryOutbox,
  memoryReceivedRequests,
  type OutboxStore,
  type ReceivedRequestStore,
} from '@dunlin/sms';

/** What one side of a scenario is made with. */
export interface SmsNodeOptions {
  readonly number: string;
  readonly allowed: readonly string[];
  readonly budgets: Partial<LinkBudgets>;
}

/** What is gone when a process is killed. */
interface Process {
  readonly binding: SmsBinding;
  readonly carrier: SimulatedCarrier;
  readonly endpoint: CoapEndpoint;
  readonly shell: Shell;
}

/**
 * A CoAP endpoint on a telephone number, whose process can be killed and started again: what it executed, what its
 * outbox holds and which requests it received outlive it.
 */
export class SmsNode implements Driven {
  /** How often each request was executed, over all processes. */
  readonly executions = new Map<string, number>();
  /** Outcomes of requests, those of killed processes are missing. */
  readonly outcomes = new Map<string, string[]>();
  readonly number: string;
  readonly #centre: SimulatedMessageCentre;
  readonly #options: SmsNodeOptions;
  readonly #outbox: OutboxStore = memoryOutbox();
  readonly #received: ReceivedRequestStore = memoryReceivedRequests();
  #pending = new Map<number, string>();
  #process: Process | undefined;

  constructor(centre: SimulatedMessageCentre, options: SmsNodeOptions) {
    this.#centre = centre;
    this.#options = options;
    this.number = options.number;
  }

  get binding(): SmsBinding {
    return this.#running.binding;
  }

  get carrier(): SimulatedCarrier {
    return this.#running.carrier;
  }

  /** Starts a process; one that runs is killed before. */
  async start(): Promise<void> {
    const carrier = this.#centre.carrier(this.number);
    this.#process = undefined;
    this.#pending = new Map();
    const { surroundings } = carrier;
    const binding = sms({
      carrier,
      number: this.number,
      surroundings,
      unprotected: 'all',
      isAllowed: (number) => this.#options.allowed.includes(number),
      budgets: this.#options.budgets,
      outbox: this.#outbox,
      receivedRequests: this.#received,
    });
    const shell = await binding.open(this);
    this.#process = { binding, carrier, shell, endpoint: new CoapEndpoint({ random: surroundings.random }) };
  }

  /** Asks another number to execute something. */
  ask(to: string, name: string): void {
    const { endpoint, shell } = this.#running;
    const request = { method: Method.post, uriPath: ['do', name], payload: new Uint8Array(name.length * 12) };
    this.#pending.set(endpoint.request(smsPeer(to), request, shell.now()), name);
    this.outcomes.set(name, []);
    shell.flush();
  }

  /** Requests of the process that runs that have no outcome yet. */
  get waiting(): number {
    return this.#pending.size;
  }

  get deadline(): Instant | undefined {
    return this.#process?.endpoint.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#running.endpoint.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#running.endpoint.wake(now);
  }

  undelivered(peer: Peer, datagram: Uint8Array, failure: DeliveryFailure, now: Instant): void {
    this.#running.endpoint.undelivered(peer, datagram, failure, now);
  }

  poll(): OutgoingDatagram | undefined {
    for (;;) {
      const output = this.#process?.endpoint.poll();
      if (output === undefined || output.kind === 'transmit') return output;
      this.#take(output);
    }
  }

  get #running(): Process {
    if (this.#process === undefined) throw new Error(`${this.number} does not run`);
    return this.#process;
  }

  #take(output: Exclude<CoapOutput, { kind: 'transmit' }>): void {
    const { endpoint, shell } = this.#running;
    if (output.kind === 'request') {
      const name = output.request.uriPath[1] ?? '';
      this.executions.set(name, (this.executions.get(name) ?? 0) + 1);
      endpoint.respond(output.exchange, { code: ResponseCode.changed }, shell.now());
    } else if (output.kind === 'response') this.#settle(output.request, 'answered');
    else if (output.kind === 'request-failed') this.#settle(output.request, output.reason);
  }

  #settle(request: number, outcome: string): void {
    const name = this.#pending.get(request) ?? 'unknown';
    this.#pending.delete(request);
    this.outcomes.set(name, [...(this.outcomes.get(name) ?? []), outcome]);
  }
}
