import { milliseconds } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import { sms, type SmsBinding, type SmsOptions } from '@dunlin/node';
import {
  LwM2mServer,
  type LwM2mServerOptions,
  MemorySmsNumberStore,
  type ServerDiagnostic,
  SmsNumbers,
  type SmsNumberPolicy,
} from '@dunlin/server';
import { type SimulatedCarrier, SimulatedMessageCentre, SimulatedNetwork } from '@dunlin/simulation';

import { RawDevice } from '../../../../server/test/support/raw-device.ts';
import { Phone } from './phone.ts';

export const platform = '10690';
export const number = '491700000001';
export const endpoint = 'node-1';
export const minute = 60_000;

/** What a bench is made with. */
export interface SmsBenchOptions {
  readonly policy?: SmsNumberPolicy;
  /** Whether the number of `endpoint` is provisioned. Default true. */
  readonly isProvisioned?: boolean;
  readonly binding?: Partial<SmsOptions>;
  readonly server?: Partial<LwM2mServerOptions>;
  /** Default `everything`. */
  readonly unprotected?: 'nothing' | 'triggers' | 'everything';
}

/** A server with UDP and short messages, and a device with both, on one clock. */
export class SmsBench implements AsyncDisposable {
  readonly network: SimulatedNetwork;
  readonly centre: SimulatedMessageCentre;
  /** That of the server. */
  readonly carrier: SimulatedCarrier;
  readonly diagnostics: ServerDiagnostic[] = [];
  readonly phone: Phone;
  readonly #given: { readonly server: LwM2mServer; readonly device: RawDevice; readonly numbers: SmsNumbers };
  readonly binding: SmsBinding;
  #location: readonly string[] = [];

  static async open(options: SmsBenchOptions = {}): Promise<SmsBench> {
    const network = new SimulatedNetwork(1);
    const centre = new SimulatedMessageCentre(network, 1);
    const numbers = await SmsNumbers.open(new MemorySmsNumberStore(), options.policy ?? 'provisioned');
    if (options.isProvisioned !== false) await numbers.provision(endpoint, number, network.clock.now);
    const carrier = centre.carrier(platform);
    const binding = sms({
      carrier,
      number: platform,
      surroundings: carrier.surroundings,
      unprotected: 'all',
      budgets: { perSecond: 100, perDevicePerDay: 1000, answersPerDevicePerDay: 1000 },
      isAllowed: (from) => numbers.isAllowed(from),
      ...options.binding,
    });
    const server = await LwM2mServer.open({
      listen: [network.binding('10.0.0.1', 5683), binding],
      sms: { numbers, unprotected: options.unprotected ?? 'everything' },
      ...options.server,
    });
    const device = await RawDevice.open(network, { address: '10.0.0.1', port: 5683 });
    device.behaviour = () => ({ code: ResponseCode.changed });
    const phone = new Phone(centre, number, platform);
    const bench = new SmsBench({ network, centre, carrier, binding, phone }, { server, device, numbers });
    server.diagnostics.subscribe((diagnostic) => bench.diagnostics.push(diagnostic));
    await phone.switchOn();
    return bench;
  }

  private constructor(
    parts: Pick<SmsBench, 'network' | 'centre' | 'carrier' | 'binding' | 'phone'>,
    given: { readonly server: LwM2mServer; readonly device: RawDevice; readonly numbers: SmsNumbers },
  ) {
    this.network = parts.network;
    this.centre = parts.centre;
    this.carrier = parts.carrier;
    this.binding = parts.binding;
    this.phone = parts.phone;
    this.#given = given;
  }

  get server(): LwM2mServer {
    return this.#given.server;
  }

  /** The same device over UDP. */
  get device(): RawDevice {
    return this.#given.device;
  }

  get numbers(): SmsNumbers {
    return this.#given.numbers;
  }

  /** Registers over UDP. */
  async register(binding: string, links = '</1/0>,</3/0>'): Promise<void> {
    const query = [`ep=${endpoint}`, 'lt=864000', 'lwm2m=1.0', `b=${binding}`, `sms=${number}`];
    const { locationPath } = await this.device.register(query, links);
    if (locationPath === undefined) throw new Error('the Register was refused');
    this.#location = locationPath;
  }

  /** Sends an Update over UDP. */
  async update(): Promise<void> {
    await this.device.exchange({ method: 2, uriPath: this.#location });
  }

  get location(): readonly string[] {
    return this.#location;
  }

  /** The device wakes by UDP when it is triggered, as one of mode UQS does. */
  wakeWhenTriggered(): void {
    this.phone.behaviour = ({ uriPath }) => {
      if (uriPath.at(-1) === '8') {
        void this.device.request({ method: 2, uriPath: this.#location });
      }
      return { code: ResponseCode.changed };
    };
  }

  async pass(duration: number): Promise<void> {
    await this.network.run(milliseconds(duration));
  }

  /** Lets virtual time pass until a promise has settled, and gives its result. */
  async finish<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    await this.network.runUntil(() => isSettled, milliseconds(1_000_000));
    return await promise;
  }

  /** How many short messages went to the device and came from it since this was asked last. */
  cost(): { readonly to: number; readonly from: number } {
    const carried = this.centre.carried.splice(0);
    const to = carried.filter(({ message }) => message.to === number).length;
    return { to, from: carried.length - to };
  }

  /** Reasons of the diagnostics of a kind. */
  reasons(kind: ServerDiagnostic['kind']): readonly string[] {
    return this.diagnostics.flatMap((each) => (each.kind === kind && 'reason' in each ? [each.reason] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}
