import { milliseconds, Secret, seconds, utf8Encode } from '@dunlin/base';
import { device, LwM2mClient } from '@dunlin/client';
import {
  clientSms,
  now,
  sms,
  type SmsBinding,
  smpp,
  type SmppCarrier,
  type SqliteSmsStore,
  udp,
} from '@dunlin/node';
import { LwM2mServer, MemorySmsNumberStore, SmsNumbers } from '@dunlin/server';

import type { CentreAccount } from './message-centre.ts';
import type { MessageCentreServer } from './message-centre-server.ts';

/** So long that a Register takes two short messages. */
export const endpoint = `urn:dev:ops:32473-phone-${'0'.repeat(90)}`;

/** The accounts of the server and of the device. */
export const serverAccount: CentreAccount = { systemId: 'lwm2m', password: 's3cret', number: '10690' };
export const deviceAccount: CentreAccount = { systemId: 'device', password: 'other', number: '491700000001' };

const loopback = { address: '127.0.0.1', port: 0 };
const budgets = { perSecond: 100, perDevicePerDay: 1000, answersPerDevicePerDay: 1000 };

/** An account with short waits, so that the tests are not long. */
function carrierOf(centre: MessageCentreServer, { systemId, password }: CentreAccount): SmppCarrier {
  const limits = {
    transactionsPerSecond: 1000,
    firstReconnectDelay: milliseconds(20),
    longestReconnectDelay: milliseconds(40),
    firstThrottlePause: milliseconds(20),
    longestThrottlePause: milliseconds(40),
    drainTimeout: milliseconds(200),
  };
  return smpp({ url: centre.url, systemId, password: new Secret(utf8Encode(password)), limits });
}

/** A server with an account at a message centre, and what is kept of it where there is a store. */
export class ServerByAccount implements AsyncDisposable {
  readonly server: LwM2mServer;
  readonly binding: SmsBinding;
  readonly carrier: SmppCarrier;

  private constructor(parts: Pick<ServerByAccount, 'server' | 'binding' | 'carrier'>) {
    this.server = parts.server;
    this.binding = parts.binding;
    this.carrier = parts.carrier;
  }

  static async open(
    centre: MessageCentreServer,
    store?: Pick<SqliteSmsStore, 'outbox' | 'receivedRequests'>,
  ): Promise<ServerByAccount> {
    const numbers = await SmsNumbers.open(new MemorySmsNumberStore());
    await numbers.provision(endpoint, deviceAccount.number, now());
    const carrier = carrierOf(centre, serverAccount);
    const binding = sms({
      carrier,
      number: serverAccount.number,
      unprotected: 'all',
      isAllowed: (from) => numbers.isAllowed(from),
      budgets,
      ...(store !== undefined && { outbox: store.outbox, receivedRequests: store.receivedRequests }),
    });
    const server = await LwM2mServer.open({
      listen: [udp(loopback), binding],
      sms: { numbers, unprotected: 'everything' },
    });
    return new ServerByAccount({ server, binding, carrier });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.server.close();
  }
}

/** A device of mode S with an account there, which counts how often it was restarted. */
export class DeviceByAccount implements AsyncDisposable {
  readonly client: LwM2mClient;
  readonly carrier: SmppCarrier;
  readonly #reboots: readonly string[];

  private constructor(client: LwM2mClient, carrier: SmppCarrier, reboots: readonly string[]) {
    this.client = client;
    this.carrier = carrier;
    this.#reboots = reboots;
  }

  static async open(centre: MessageCentreServer): Promise<DeviceByAccount> {
    const carrier = carrierOf(centre, deviceAccount);
    const reboots: string[] = [];
    const manufacturer = 'Dunlin';
    const client = await LwM2mClient.open({
      endpoint,
      servers: [
        {
          uri: `tel:+${serverAccount.number}`,
          shortServerId: 1,
          lifetime: seconds(86_400),
          binding: 'S',
          sms: { number: serverAccount.number },
        },
      ],
      objects: [
        device({ manufacturer, supportedBindingAndModes: 'S', onReboot: () => void reboots.push('') }),
      ],
      binding: udp(loopback),
      sms: clientSms({
        carrier,
        number: deviceAccount.number,
        budgets,
        policy: { unprotected: 'everything' },
      }),
    });
    return new DeviceByAccount(client, carrier, reboots);
  }

  get reboots(): number {
    return this.#reboots.length;
  }

  /** Ends it without a Deregister. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.suspend();
  }
}
