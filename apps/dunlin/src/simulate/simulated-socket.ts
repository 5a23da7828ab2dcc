import {
  addDuration,
  DeadlineQueue,
  earliestOf,
  type Instant,
  instantFrom,
  milliseconds,
  type Random,
  type Scheduled,
  type Seconds,
} from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapOutput,
  ContentFormat,
  type Driven,
  type IncomingResponse,
  Method,
  type OutgoingDatagram,
  type Peer,
  type Request,
  type RequestId,
  ResponseCode,
  type Shell,
} from '@dunlin/coap';
import { formatRegistrationQuery, parseEnablerVersion } from '@dunlin/lwm2m';

import { answerOf } from './device-answers.ts';
import type { SocketPlan } from './simulated-fleet.ts';

/** What became of a fleet so far. */
export interface FleetCounts {
  registered: number;
  registrations: number;
  updates: number;
  deregistrations: number;
  failures: number;
  /** Requests of the server that were answered. */
  answered: number;
}

/** A device that is nothing but its registration. */
class SimulatedDevice implements Scheduled {
  dueAt: Instant | undefined;
  heapIndex = 0;
  readonly name: string;
  /** Where the server put its registration. */
  location: readonly string[] | undefined;

  constructor(name: string) {
    this.name = name;
  }
}

/** Requests under way at one time: the devices behind a socket are many, and NSTART is for one (RFC 7252 §4.7). */
const outstanding = 16;

/** When a device tries again that was refused or not answered. */
const retryAfter = 30_000;

const version = parseEnablerVersion('1.0') ?? { major: 1, minor: 0 };

/**
 * Many devices on one socket: they register one after the other, update before their lifetime is over, and answer what the
 * server asks as one device would.
 */
export class SimulatedSocket implements Driven {
  readonly #plan: SocketPlan;
  readonly #lifetime: Seconds;
  readonly #counts: FleetCounts;
  readonly #due = new DeadlineQueue<SimulatedDevice>();
  readonly #devices: readonly SimulatedDevice[];
  readonly #underWay = new Map<RequestId, SimulatedDevice>();
  #open: { readonly shell: Shell; readonly endpoint: CoapEndpoint; readonly server: Peer } | undefined;
  #isLeaving = false;
  #now: Instant = instantFrom(0);

  constructor(plan: SocketPlan, lifetime: Seconds, counts: FleetCounts) {
    this.#plan = plan;
    this.#lifetime = lifetime;
    this.#counts = counts;
    this.#devices = plan.names.map((name) => new SimulatedDevice(name));
  }

  /** Begins to register with a server, in the same turn in which the shell was opened. */
  start(shell: Shell, server: Peer): void {
    const endpoint = new CoapEndpoint({ random: shell.random, transmission: { nstart: outstanding } });
    this.#open = { shell, endpoint, server };
    const now = shell.now();
    for (const [index, device] of this.#devices.entries())
      this.#due.schedule(
        device,
        addDuration(now, milliseconds(this.#plan.firstAfter + index * this.#plan.interval)),
      );
    shell.flush();
  }

  /** Lets every device deregister; `isIdle` says when all have tried. */
  leave(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#isLeaving = true;
    for (const device of this.#devices) {
      if (device.location === undefined) this.#due.cancel(device);
      else this.#due.schedule(device, open.shell.now());
    }
    open.shell.flush();
  }

  get isIdle(): boolean {
    return this.#due.size === 0 && this.#underWay.size === 0;
  }

  get deadline(): Instant | undefined {
    if (this.#open === undefined) return undefined;
    const own = this.#underWay.size < outstanding ? this.#due.deadline : undefined;
    return earliestOf(this.#open.endpoint.deadline, own);
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#now = now;
    this.#open?.endpoint.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#now = now;
    this.#open?.endpoint.wake(now);
    this.#begin(now);
  }

  poll(): OutgoingDatagram | undefined {
    const endpoint = this.#open?.endpoint;
    if (endpoint === undefined) return undefined;
    for (;;) {
      const output = endpoint.poll();
      if (output === undefined || output.kind === 'transmit') return output;
      this.#take(output, endpoint);
    }
  }

  #take(output: Exclude<CoapOutput, { kind: 'transmit' }>, endpoint: CoapEndpoint): void {
    switch (output.kind) {
      case 'request':
        this.#counts.answered += 1;
        endpoint.respond(output.exchange, answerOf(this.#plan.model, output.request), this.#now);
        return;
      case 'response':
        this.#answered(output.request, output.response);
        return;
      case 'request-failed':
        this.#answered(output.request, undefined);
        return;
      case 'notification':
      case 'observation-ended':
      case 'relation-ended':
      case 'notification-acknowledged':
      case 'pong':
    }
  }

  #begin(now: Instant): void {
    const open = this.#open;
    if (open === undefined) return;
    while (this.#underWay.size < outstanding) {
      const device = this.#due.takeDue(now);
      if (device === undefined) return;
      const request = this.#requestOf(device);
      if (request !== undefined) this.#underWay.set(open.endpoint.request(open.server, request, now), device);
    }
  }

  #requestOf({ name, location }: SimulatedDevice): Request | undefined {
    if (location !== undefined)
      return { method: this.#isLeaving ? Method.delete : Method.post, uriPath: location };
    if (this.#isLeaving) return undefined;
    const { bindingMode, links } = this.#plan.model;
    return {
      method: Method.post,
      uriPath: ['rd'],
      uriQuery: formatRegistrationQuery({
        endpointName: name,
        lifetime: this.#lifetime,
        version,
        bindingMode,
      }),
      contentFormat: ContentFormat.linkFormat,
      payload: links,
    };
  }

  #answered(request: RequestId, response: IncomingResponse | undefined): void {
    const device = this.#underWay.get(request);
    this.#underWay.delete(request);
    if (device === undefined) return;
    const wasRegistered = device.location !== undefined;
    const isFine = response !== undefined && response.code >> 5 === 2;
    if (!isFine) this.#failed(device, response);
    else if (this.#isLeaving && response.code === ResponseCode.deleted) this.#left(device);
    else {
      if (!wasRegistered) this.#registered(device, response);
      else this.#counts.updates += 1;
      this.#again(device, this.#untilUpdate());
    }
    this.#begin(this.#now);
  }

  #registered(device: SimulatedDevice, { locationPath = [] }: IncomingResponse): void {
    device.location = locationPath;
    this.#counts.registrations += 1;
    this.#counts.registered += 1;
  }

  #left(device: SimulatedDevice): void {
    device.location = undefined;
    this.#counts.deregistrations += 1;
    this.#counts.registered -= 1;
  }

  /** A registration that the server does not know any more is made anew at once. */
  #failed(device: SimulatedDevice, response: IncomingResponse | undefined): void {
    this.#counts.failures += 1;
    if (this.#isLeaving) return;
    const isForgotten = response?.code === ResponseCode.notFound && device.location !== undefined;
    if (isForgotten) {
      device.location = undefined;
      this.#counts.registered -= 1;
    }
    this.#again(device, isForgotten ? 0 : retryAfter);
  }

  #again(device: SimulatedDevice, wait: number): void {
    const at = this.#isLeaving && device.location !== undefined ? 0 : wait;
    this.#due.schedule(device, addDuration(this.#now, milliseconds(at)));
  }

  /** Between 70 and 90 % of the lifetime, so that a fleet that came at once does not stay together. */
  #untilUpdate(): number {
    const share = 0.7 + (0.2 * randomByte(this.#open?.shell.random)) / 255;
    return this.#lifetime * 1000 * share;
  }
}

function randomByte(random: Random | undefined): number {
  return random?.bytes(1)[0] ?? 0;
}
