import { type Instant, milliseconds, utf8Encode } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapOutput,
  type DeliveryFailure,
  type Driven,
  type IncomingRequest,
  type IncomingResponse,
  Method,
  type OutgoingDatagram,
  type Peer,
  type Request,
  type Response,
  ResponseCode,
  type Shell,
  smsPeer,
} from '@dunlin/coap';
import { sms, type SmsBinding } from '@dunlin/node';
import type { SimulatedMessageCentre } from '@dunlin/simulation';

/** How a phone answers: a response, or nothing at all. */
export type Behaviour = (request: IncomingRequest) => Response | 'silence';

/** A device made of a telephone number and a CoAP endpoint: tests say what it sends and how it answers. */
export class Phone implements Driven {
  readonly number: string;
  /** `POST /1/0/8`, in the order of arrival. */
  readonly asked: string[] = [];
  behaviour: Behaviour = () => ({ code: ResponseCode.changed });
  readonly binding: SmsBinding;
  readonly #centre: SimulatedMessageCentre;
  readonly #server: string;
  readonly #answers = new Map<number, (outcome: IncomingResponse | string) => void>();
  #open: { readonly shell: Shell; readonly endpoint: CoapEndpoint } | undefined;

  constructor(centre: SimulatedMessageCentre, number: string, server: string) {
    this.#centre = centre;
    this.number = number;
    this.#server = server;
    const carrier = centre.carrier(number);
    const { surroundings } = carrier;
    const isAllowed = (from: string): boolean => from === server;
    const budgets = { perSecond: 100, perDevicePerDay: 1000, answersPerDevicePerDay: 1000 };
    this.binding = sms({ carrier, number, surroundings, isAllowed, budgets, unprotected: 'all' });
  }

  async switchOn(): Promise<void> {
    const shell = await this.binding.open(this);
    this.#open = { shell, endpoint: new CoapEndpoint({ random: shell.random }) };
    await this.#centre.network.run(milliseconds(100));
  }

  /** Sends a request and lets time pass until it is answered. */
  async exchange(request: Request): Promise<IncomingResponse> {
    const { endpoint, shell } = this.#isOpen;
    let outcome: IncomingResponse | string | undefined;
    const id = endpoint.request(smsPeer(this.#server), request, shell.now());
    this.#answers.set(id, (each) => (outcome = each));
    shell.flush();
    await this.#centre.network.runUntil(() => outcome !== undefined, milliseconds(400_000));
    if (outcome === undefined || typeof outcome === 'string') throw new Error(`no response: ${outcome}`);
    return outcome;
  }

  register(query: readonly string[], links = '</1/0>,</3/0>'): Promise<IncomingResponse> {
    const uriQuery = ['lt=86400', 'lwm2m=1.0', ...query];
    const payload = utf8Encode(links);
    return this.exchange({ method: Method.post, uriPath: ['rd'], uriQuery, contentFormat: 40, payload });
  }

  get deadline(): Instant | undefined {
    return this.#open?.endpoint.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#isOpen.endpoint.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#isOpen.endpoint.wake(now);
  }

  undelivered(peer: Peer, datagram: Uint8Array, failure: DeliveryFailure, now: Instant): void {
    this.#isOpen.endpoint.undelivered(peer, datagram, failure, now);
  }

  poll(): OutgoingDatagram | undefined {
    for (;;) {
      const output = this.#open?.endpoint.poll();
      if (output === undefined || output.kind === 'transmit') return output;
      this.#take(output);
    }
  }

  get #isOpen(): { readonly shell: Shell; readonly endpoint: CoapEndpoint } {
    if (this.#open === undefined) throw new Error(`${this.number} is switched off`);
    return this.#open;
  }

  #take(output: Exclude<CoapOutput, { kind: 'transmit' }>): void {
    const { endpoint, shell } = this.#isOpen;
    if (output.kind === 'request') {
      const { method, uriPath } = output.request;
      this.asked.push(`${methodNames[method] ?? method} /${uriPath.join('/')}`);
      const response = this.behaviour(output.request);
      if (response !== 'silence') endpoint.respond(output.exchange, response, shell.now());
    } else if (output.kind === 'response') this.#answers.get(output.request)?.(output.response);
    else if (output.kind === 'request-failed') this.#answers.get(output.request)?.(output.reason);
  }
}

const methodNames: Readonly<Record<number, string>> = {
  [Method.get]: 'GET',
  [Method.post]: 'POST',
  [Method.put]: 'PUT',
  [Method.delete]: 'DELETE',
};
