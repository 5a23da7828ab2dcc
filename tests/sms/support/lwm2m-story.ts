import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import { milliseconds, Secret, seconds, utf8Encode } from '@dunlin/base';
import { device, LwM2mClient, type ClientOptions, type ServerAccount } from '@dunlin/client';
import {
  clientDtls,
  clientSms,
  dtls,
  type DtlsCredentials,
  now,
  sms,
  type SmsBinding,
  type SmppCarrier,
  smsDtlsProtocol,
  udp,
} from '@dunlin/node';
import { LwM2mServer, MemorySmsNumberStore, type Registration, SmsNumbers } from '@dunlin/server';

import { until, untilFits } from '../../support/until.ts';
import { deviceNumber, ModemAndServer, serverNumber } from './modem-and-server.ts';

/** The name of the device, and its identity. */
export const endpoint = 'urn:dev:ops:32473-phone';
const key = utf8Encode('a key of sixteen');

/** With the key that the server knows. */
const preSharedKey = { mode: 'psk', identity: endpoint, key: new Secret(key.slice()) } as const;

/** How long devices in queue mode of these stories are awake: the 93 s of the specification would be long. */
const awakeWindow = milliseconds(1500);

export interface StoryOptions {
  readonly binding: NonNullable<ServerAccount['binding']>;
  /**
   * `dtls`: short messages have DTLS with a pre-shared key. `triggers`: nothing but triggers goes without (1.0 §7.2).
   * `none`: all of them go as they are.
   */
  readonly security: 'dtls' | 'triggers' | 'none';
}

/** How many short messages went to the device and came from it. */
export interface Cost {
  readonly to: number;
  readonly from: number;
}

/**
 * A device with UDP and a modem, and a server with UDP and an SMPP account, with the message centre of a mobile network
 * between them.
 */
export class Story implements AsyncDisposable {
  readonly lab: ModemAndServer;
  readonly server: LwM2mServer;
  /** What the server was told of the device, in words. */
  readonly events: string[] = [];
  readonly #carrier: SmppCarrier;
  readonly #binding: SmsBinding;
  readonly #client: LwM2mClient;
  readonly #reboots: readonly string[];
  readonly #resources: AsyncDisposableStack;
  #counted: Cost = { to: 0, from: 0 };
  /** What the device said of itself last. */
  #deviceIs: 'awake' | 'asleep' | undefined;

  static async open(options: StoryOptions): Promise<Story> {
    await using resources = new AsyncDisposableStack();
    const lab = resources.use(await ModemAndServer.start());
    const carrier = lab.serverCarrier();
    const { server, binding } = await openServer(carrier, options);
    resources.defer(() => server.close());
    const events: string[] = [];
    server.registered.subscribe(({ registration }) =>
      events.push(`registered by ${registration.peer.transport}`),
    );
    server.updated.subscribe(() => events.push('updated'));
    server.deregistered.subscribe(() => events.push('deregistered'));
    const reboots: string[] = [];
    const client = await openClient(lab, server, options, () => void reboots.push(''));
    const parts = { lab, server, carrier, binding, client, resources: resources.move() };
    return new Story(parts, events, reboots);
  }

  private constructor(
    parts: {
      readonly lab: ModemAndServer;
      readonly server: LwM2mServer;
      readonly carrier: SmppCarrier;
      readonly binding: SmsBinding;
      readonly client: LwM2mClient;
      readonly resources: AsyncDisposableStack;
    },
    events: string[],
    reboots: readonly string[],
  ) {
    this.lab = parts.lab;
    this.server = parts.server;
    this.events = events;
    this.#carrier = parts.carrier;
    this.#binding = parts.binding;
    this.#reboots = reboots;
    parts.client.queueMode.subscribe(({ kind }) => (this.#deviceIs = kind));
    this.#client = parts.client;
    this.#resources = parts.resources;
  }

  get device(): ReturnType<LwM2mServer['device']> {
    return this.server.device(endpoint);
  }

  get client(): LwM2mClient {
    return this.#client;
  }

  /** How often the device was restarted. */
  get reboots(): number {
    return this.#reboots.length;
  }

  /** What the server sent: purpose, number and parts. */
  get outbox(): readonly (readonly [purpose: string, to: string, parts: number])[] {
    return this.#binding.outbox().map(({ purpose, to, parts }) => [purpose, to, parts]);
  }

  /** Waits until both sides know that the device is registered. */
  async registered(): Promise<Registration> {
    await until(
      () => this.events.find((event) => event.startsWith('registered')),
      () => `a registration; ${JSON.stringify(this.lab.modem.dialogue)}`,
    );
    // The answer is on its way to the device.
    await this.client.whenRegistered(AbortSignal.timeout(120_000));
    const registration = await this.device.registration();
    if (registration === undefined) throw new Error('The registration is gone.');
    return registration;
  }

  /** Waits until both sides hold that the device sleeps. */
  async asleep(): Promise<void> {
    await untilFits(
      async () => [(await this.device.reachability())?.kind, this.#deviceIs],
      (sides) => sides.every((side) => side === 'asleep'),
    );
  }

  /** Lets pass more time than a short message takes. */
  async stillAsleep(): Promise<void> {
    await delay(2000);
  }

  /** Waits until so many operations were done. */
  async done(count: number): Promise<void> {
    const { operations } = this.device;
    const done = await untilFits(
      () => operations.list({ states: ['done'], limit: count + 1 }),
      ({ length }) => length >= count,
    );
    assert.equal(done.length, count);
  }

  /**
   * The message centre is killed when it has answered for all that it was given: of the rest nobody would know whether it
   * has it. Phone and account have lost it then.
   */
  async stopCentre(): Promise<void> {
    await until(
      () => this.#isQuiet,
      () => `quiet; ${JSON.stringify(this.lab.modem.dialogue.slice(-4))}`,
    );
    await this.lab.network.stopCentre();
    await until(
      () => !this.lab.modem.phone.isAttached && this.#carrier.status.kind !== 'bound',
      () => `the loss of the network; ${JSON.stringify(this.#carrier.status)}`,
    );
  }

  /**
   * It is started again, with what it had stored; the phone attaches, and the account finds it by itself. What it had just
   * delivered it may deliver once more, and it holds back what comes behind that until it is made to try.
   */
  async startCentre(): Promise<void> {
    await this.lab.network.startCentre();
    await this.lab.modem.phone.attach();
    await until(
      () => this.#carrier.status.kind === 'bound',
      () => JSON.stringify(this.#carrier.status),
    );
    await this.lab.network.triggerQueue();
  }

  /**
   * Asserts how many short messages were carried since the last cost, once so many were; what comes later is part of the
   * next cost.
   */
  async costs(expected: Cost, what: string): Promise<void> {
    await until(
      () => this.#cost.to >= expected.to && this.#cost.from >= expected.from,
      () => `${what}: ${JSON.stringify(expected)}, not ${JSON.stringify(this.#cost)}`,
    );
    assert.deepEqual(this.#cost, expected, what);
    this.#counted = { to: this.#counted.to + expected.to, from: this.#counted.from + expected.from };
  }

  get #isQuiet(): boolean {
    const { dialogue } = this.lab.modem;
    const count = (start: string): number => dialogue.filter((line) => line.startsWith(start)).length;
    const isModemQuiet = count('> AT+CMGS') === count('< +CMGS:') + count('< +CMS ERROR');
    return isModemQuiet && this.#carrier.statistics.unanswered === 0;
  }

  get #cost(): Cost {
    const { submitted, received } = this.#carrier.statistics;
    return { to: submitted - this.#counted.to, from: received - this.#counted.from };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.suspend();
    await this.#resources.disposeAsync();
  }
}

const budgets = { perSecond: 20, perDevicePerDay: 200, answersPerDevicePerDay: 200 };

const loopback = { address: '127.0.0.1', port: 0 };

const credentials: DtlsCredentials = {
  pskFor: (identity) =>
    Promise.resolve(identity === endpoint ? { key: new Secret(key.slice()), credentialId: '1' } : undefined),
  trusts: () => Promise.resolve(undefined),
};

async function openServer(
  carrier: SmppCarrier,
  { security }: StoryOptions,
): Promise<{ readonly server: LwM2mServer; readonly binding: SmsBinding }> {
  const numbers = await SmsNumbers.open(new MemorySmsNumberStore(), 'provisioned');
  await numbers.provision(endpoint, deviceNumber, now());
  const binding = sms({
    carrier,
    number: serverNumber,
    unprotected: security === 'none' ? 'all' : 'answers',
    isAllowed: (from) => numbers.isAllowed(from),
    budgets,
  });
  const secure = dtls({
    port: 0,
    carrier: binding.records,
    connectionIdLength: 'none',
    protocol: smsDtlsProtocol,
    credentials,
  });
  // Who is there by short messages has to be who registered: with DTLS on one way, there is DTLS on the other.
  const onUdp = security === 'dtls' ? dtls({ ...loopback, credentials }) : udp(loopback);
  const server = await LwM2mServer.open({
    listen: [onUdp, binding, secure],
    sms: { numbers, unprotected: security === 'none' ? 'everything' : 'triggers' },
    limits: { awakeWindow, smsAwakeWindow: awakeWindow },
  });
  return { server, binding };
}

function openClient(
  lab: ModemAndServer,
  server: LwM2mServer,
  { binding, security }: StoryOptions,
  onReboot: () => void,
): Promise<LwM2mClient> {
  const options: ClientOptions = {
    endpoint,
    servers: [
      {
        uri: server.local[0]?.uri ?? '',
        shortServerId: 1,
        lifetime: seconds(86_400),
        binding,
        ...(security === 'dtls' && { security: preSharedKey }),
        sms: { number: serverNumber, ...(security === 'dtls' && { security: preSharedKey }) },
      },
    ],
    objects: [device({ manufacturer: 'Dunlin', supportedBindingAndModes: 'UQS', onReboot })],
    binding: udp(loopback),
    secureBinding: clientDtls(loopback),
    awakeWindow,
    sms: clientSms({
      carrier: lab.deviceCarrier(),
      number: deviceNumber,
      budgets,
      policy: { unprotected: security === 'none' ? 'everything' : 'trigger-only', awakeWindow },
    }),
  };
  return LwM2mClient.open(options);
}
