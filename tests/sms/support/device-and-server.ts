import assert from 'node:assert/strict';

import { milliseconds, Secret, seconds, utf8Encode } from '@dunlin/base';
import { device, LwM2mClient, type ServerAccount, type SmsPolicy } from '@dunlin/client';
import {
  clientSms,
  type CountedClientSms,
  dtls,
  type DtlsCredentials,
  modem,
  now,
  sms,
  type SmsBinding,
  smsDtlsProtocol,
  smpp,
  udp,
  type UnprotectedMessages,
} from '@dunlin/node';
import {
  LwM2mServer,
  MemorySmsNumberStore,
  type Registration,
  type ServerDiagnostic,
  SmsNumbers,
} from '@dunlin/server';

import { MobileNetwork } from './mobile-network.ts';
import { PluggedModem } from './plugged-modem.ts';
import { until } from '../../support/until.ts';

export const endpoint = 'phone';
export const deviceNumber = '491700000001';
export const serverNumber = '10690';
const subscriber = { imsi: '001010000000001', number: deviceNumber };
const key = utf8Encode('a key of sixteen');

/** How long a device in queue mode is awake here, on either side. */
const awakeWindow = milliseconds(1500);

/** The credential of the device for DTLS over short messages. */
export const psk = { mode: 'psk', identity: endpoint, key: new Secret(key.slice()) } as const;

const credentials: DtlsCredentials = {
  pskFor: (identity) =>
    Promise.resolve(
      identity === endpoint ? { key: new Secret(key.slice()), credentialId: 'one' } : undefined,
    ),
  trusts: () => Promise.resolve(undefined),
};

/** What differs from the usual. */
export interface WorldOptions {
  readonly account?: Partial<ServerAccount>;
  readonly policy?: Partial<SmsPolicy>;
  /** What the server takes without DTLS. Default `answers`. */
  readonly unprotected?: UnprotectedMessages;
}

/**
 * A device of ours on a modem, a message centre of Osmocom, and a server of ours on SMPP. Beside that both have UDP.
 */
export class DeviceAndServer implements AsyncDisposable {
  readonly network: MobileNetwork;
  readonly modem: PluggedModem;
  readonly server: LwM2mServer;
  readonly binding: SmsBinding;
  readonly numbers: SmsNumbers;
  readonly diagnostics: ServerDiagnostic[] = [];
  readonly reboots: number[] = [];
  readonly #resources: AsyncDisposableStack;
  #client: { readonly client: LwM2mClient; readonly sms: CountedClientSms } | undefined;

  static async start(options: WorldOptions = {}): Promise<DeviceAndServer> {
    await using resources = new AsyncDisposableStack();
    const network = resources.use(await MobileNetwork.start({ subscribers: [subscriber] }));
    const plugged = resources.use(await PluggedModem.plug(network, subscriber));
    const numbers = await SmsNumbers.open(new MemorySmsNumberStore());
    const binding = serverBinding(network, numbers, options.unprotected ?? 'answers');
    const secure = dtls({
      port: 0,
      carrier: binding.records,
      connectionIdLength: 'none',
      protocol: smsDtlsProtocol,
      credentials,
    });
    const server = resources.use(
      await LwM2mServer.open({
        listen: [udp({ port: 0, address: '127.0.0.1' }), binding, secure],
        limits: { awakeWindow },
        sms: { numbers, unprotected: options.unprotected === 'all' ? 'everything' : 'triggers' },
      }),
    );
    await numbers.provision(endpoint, deviceNumber, now());
    const world = new DeviceAndServer(
      { network, modem: plugged, server, binding, numbers },
      resources.move(),
    );
    server.diagnostics.subscribe((diagnostic) => world.diagnostics.push(diagnostic));
    await world.#openClient(options);
    return world;
  }

  private constructor(
    parts: Pick<DeviceAndServer, 'network' | 'modem' | 'server' | 'binding' | 'numbers'>,
    resources: AsyncDisposableStack,
  ) {
    this.network = parts.network;
    this.modem = parts.modem;
    this.server = parts.server;
    this.binding = parts.binding;
    this.numbers = parts.numbers;
    this.#resources = resources;
  }

  get client(): LwM2mClient {
    return this.#running.client;
  }

  /** Waits for the registration of the device, until the device knows of it, too. */
  async registered(): Promise<Registration> {
    const isKnown = this.client.whenRegistered(AbortSignal.timeout(120_000));
    const found = await this.until(() => this.server.device(endpoint).registration(), 'a registration');
    await isKnown;
    return found;
  }

  /** Waits until the server takes the device for asleep. */
  async asleep(): Promise<void> {
    await this.until(
      async () => (await this.server.device(endpoint).reachability())?.kind === 'asleep',
      'the device to sleep',
    );
  }

  /** Waits until what is seen is neither `false` nor `undefined`, and gives it. */
  async until<Seen>(
    look: () => Seen | Promise<Seen>,
    what: string,
  ): Promise<Exclude<Seen, false | undefined>> {
    return await until(
      look,
      () => `${what}\n${JSON.stringify(this.diagnostics)}\n${this.network.log.slice(-2000)}`,
    );
  }

  /** Waits until each side has sent so many short messages, and asserts that it is not more. */
  async hasSent(byServer: number, byDevice: number): Promise<void> {
    // The network delivers a message before it tells its sender that it has accepted it.
    const isReached = (): boolean => this.sent.server >= byServer && this.sent.device >= byDevice;
    await this.until(isReached, `${byServer} and ${byDevice} short messages`);
    assert.deepEqual(this.sent, { server: byServer, device: byDevice });
  }

  /** Short messages that each side has sent so far, by its own count: parts that the network accepted. */
  get sent(): { readonly server: number; readonly device: number } {
    const counts = Object.values(this.binding.statistics.sent).map(({ accepted }) => accepted);
    const server = counts.reduce((sum, count) => sum + count, 0);
    return { server, device: this.#running.sms.counters().sent };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.client.suspend();
    await this.#resources.disposeAsync();
  }

  get #running(): { readonly client: LwM2mClient; readonly sms: CountedClientSms } {
    if (this.#client === undefined) throw new Error('the client is not open');
    return this.#client;
  }

  async #openClient({ account = {}, policy = {} }: WorldOptions): Promise<void> {
    const counted = clientSms({
      carrier: modem({ path: this.modem.line.path }),
      number: deviceNumber,
      budgets: { perSecond: 20, perDevicePerDay: 500, answersPerDevicePerDay: 500 },
      policy: { awakeWindow, ...policy },
    });
    const port = this.server.local[0]?.port ?? 0;
    const client = await LwM2mClient.open({
      endpoint,
      servers: [{ uri: `coap://127.0.0.1:${port}`, shortServerId: 1, lifetime: seconds(86_400), ...account }],
      objects: [
        device({
          manufacturer: 'Dunlin',
          supportedBindingAndModes: 'UQS',
          onReboot: () => void this.reboots.push(1),
        }),
      ],
      binding: udp({ port: 0, address: '127.0.0.1' }),
      awakeWindow,
      sms: counted,
    });
    this.#client = { client, sms: counted };
  }
}

function serverBinding(
  network: MobileNetwork,
  numbers: SmsNumbers,
  unprotected: UnprotectedMessages,
): SmsBinding {
  const { host, port } = network.smpp;
  const carrier = smpp({
    url: `smpp://${host}:${port}`,
    systemId: 'lwm2m',
    password: new Secret(utf8Encode('s3cret')),
    source: { typeOfNumber: 0, numberingPlan: 1, digits: serverNumber },
    limits: { transactionsPerSecond: 50 },
  });
  return sms({
    carrier,
    number: serverNumber,
    unprotected,
    isAllowed: (number) => numbers.isAllowed(number),
    budgets: { perSecond: 50, perDevicePerDay: 500, answersPerDevicePerDay: 500 },
  });
}
