import assert from 'node:assert/strict';

import { instantFrom, milliseconds, Secret, seconds, utf8Encode } from '@dunlin/base';
import { device, LwM2mClient, type ClientOptions, type ServerAccount, type SmsPolicy } from '@dunlin/client';
import { clientSms, dtls, sms, smsDtlsProtocol, udp } from '@dunlin/node';
import {
  LwM2mServer,
  MemorySmsNumberStore,
  type Registration,
  type ServerSmsOptions,
  SmsNumbers,
} from '@dunlin/server';

import { until, untilFits } from '../../support/until.ts';
import { deviceNumber, ModemAndServer, serverNumber } from './modem-and-server.ts';

/** The name of the device, and its identity. */
const endpoint = 'phone';

const key = utf8Encode('a key of sixteen');

/** What a device has to show for short messages that are protected. */
export const psk = { mode: 'psk', identity: endpoint, key: new Secret(key.slice()) } as const;

/** How a device differs from the usual one. */
export interface DeviceTraits {
  readonly account: Partial<ServerAccount>;
  readonly client?: Partial<ClientOptions>;
  readonly policy?: Partial<SmsPolicy>;
  /** What goes to it without DTLS; default `triggers`. */
  readonly unprotected?: ServerSmsOptions['unprotected'];
}

/** Real time is dear: both sides take a device for asleep after a second or two instead of minutes. */
const shortWindow = milliseconds(1500);

/** In a laboratory nobody has to pay. */
const budgets = { perSecond: 20, perDevicePerDay: 1000, answersPerDevicePerDay: 1000 } as const;

/**
 * A Client whose short messages go over a modem, and a Server whose go over SMPP, with Osmocom's network between; both have
 * UDP too.
 */
export class DeviceAndPlatform implements AsyncDisposable {
  readonly lab: ModemAndServer;
  readonly server: LwM2mServer;
  readonly client: LwM2mClient;
  readonly executed: string[] = [];
  readonly #resources: AsyncDisposableStack;
  #counted = 0;

  static async open(traits: DeviceTraits): Promise<DeviceAndPlatform> {
    await using resources = new AsyncDisposableStack();
    const lab = resources.use(await ModemAndServer.start());
    const server = await openServer(lab, traits.unprotected, resources);
    const executed: string[] = [];
    const client = await openClient(lab, server, traits, executed);
    resources.defer(() => client.suspend());
    return new DeviceAndPlatform({ lab, server, client, executed }, resources.move());
  }

  private constructor(
    parts: Pick<DeviceAndPlatform, 'lab' | 'server' | 'client' | 'executed'>,
    resources: AsyncDisposableStack,
  ) {
    this.lab = parts.lab;
    this.server = parts.server;
    this.client = parts.client;
    this.executed = parts.executed;
    this.#resources = resources;
  }

  get device(): ReturnType<LwM2mServer['device']> {
    return this.server.device(endpoint);
  }

  async registration(): Promise<Registration> {
    const registration = await this.device.registration();
    assert.ok(registration !== undefined, this.lab.modem.dialogue.join('\n'));
    return registration;
  }

  /** Waits until the server takes the device for asleep. */
  async sleeps(): Promise<void> {
    await untilFits(
      () => this.device.reachability(),
      (reachability) => reachability?.kind === 'asleep',
    );
  }

  /** Waits until so many short messages were carried since this was asked last, and holds when it were no more. */
  async costs(up: number, down: number): Promise<void> {
    const count = (start: string): number =>
      this.lab.modem.dialogue.slice(this.#counted).filter((line) => line.startsWith(start)).length;
    const carried = (): { up: number; down: number } => ({ up: count('< +CMGS:'), down: count('< +CMT:') });
    await until(
      () => carried().up >= up && carried().down >= down,
      () => `${up} short messages up and ${down} down, but ${JSON.stringify(carried())}`,
    );
    assert.deepEqual(carried(), { up, down });
    this.#counted = this.lab.modem.dialogue.length;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

async function openServer(
  lab: ModemAndServer,
  unprotected: DeviceTraits['unprotected'],
  resources: AsyncDisposableStack,
): Promise<LwM2mServer> {
  const numbers = resources.use(await SmsNumbers.open(new MemorySmsNumberStore()));
  await numbers.provision(endpoint, deviceNumber, instantFrom(Date.now()));
  const isAllowed = (number: string): boolean => numbers.isAllowed(number);
  const binding = sms({
    carrier: lab.serverCarrier(),
    number: serverNumber,
    unprotected: 'all',
    isAllowed,
    budgets,
  });
  const secure = dtls({
    port: 0,
    carrier: binding.records,
    connectionIdLength: 'none',
    protocol: smsDtlsProtocol,
    credentials: {
      pskFor: (identity) =>
        Promise.resolve(
          identity === psk.identity ? { key: new Secret(key.slice()), credentialId: '1' } : undefined,
        ),
      trusts: () => Promise.resolve(undefined),
    },
  });
  const server = await LwM2mServer.open({
    listen: [udp({ port: 0, address: '127.0.0.1' }), binding, secure],
    sms: { numbers, unprotected },
    limits: { awakeWindow: milliseconds(shortWindow + 500), smsAwakeWindow: milliseconds(shortWindow + 500) },
  });
  resources.defer(() => server.close());
  return server;
}

function openClient(
  lab: ModemAndServer,
  server: LwM2mServer,
  { account, client, policy }: DeviceTraits,
  executed: string[],
): Promise<LwM2mClient> {
  return LwM2mClient.open({
    endpoint,
    servers: [{ uri: server.local[0]?.uri ?? '', shortServerId: 1, lifetime: seconds(86_400), ...account }],
    objects: [
      device({
        manufacturer: 'Dunlin',
        supportedBindingAndModes: 'UQS',
        onReboot: () => void executed.push('reboot'),
      }),
    ],
    binding: udp({ port: 0, address: '127.0.0.1' }),
    sms: clientSms({
      carrier: lab.deviceCarrier(),
      number: deviceNumber,
      budgets,
      policy: { awakeWindow: shortWindow, ...policy },
    }),
    awakeWindow: shortWindow,
    ...client,
  });
}
