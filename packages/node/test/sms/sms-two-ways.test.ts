// A device that is secured on both of its ways, with another key on each: the identity decides that it is the same one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom, milliseconds, Secret, seconds, seededRandom, utf8Encode } from '@dunlin/base';
import { device, LwM2mClient } from '@dunlin/client';
import { Device } from '@dunlin/lwm2m';
import {
  clientDtls,
  clientSms,
  deviceDtlsCredentials,
  dtls,
  type RecordCarrier,
  sms,
  type SmsBinding,
  smsDtlsProtocol,
} from '@dunlin/node';
import {
  DeviceCredentials,
  LwM2mServer,
  MemoryCredentialStore,
  MemorySmsNumberStore,
  SmsNumbers,
} from '@dunlin/server';
import { SimulatedMessageCentre, SimulatedNetwork } from '@dunlin/simulation';

const endpoint = 'phone';
const platform = '10690';
const number = '491700000001';
const keyOf = (identity: string): Secret => new Secret(utf8Encode(`key of ${identity.padEnd(9)}`));
const minutes = (count: number): ReturnType<typeof milliseconds> => milliseconds(count * 60_000);

interface World extends AsyncDisposable {
  readonly network: SimulatedNetwork;
  readonly centre: SimulatedMessageCentre;
  readonly server: LwM2mServer;
  readonly binding: SmsBinding;
  readonly reboots: number[];
  finish<T>(promise: Promise<T>): Promise<T>;
}

/** `owner` is whose credential the identity of short messages is. */
async function open(mode: 'US' | 'UQS', owner: string = endpoint): Promise<World> {
  const network = new SimulatedNetwork(1);
  const centre = new SimulatedMessageCentre(network, 1);
  const now = (): typeof network.clock.now => network.clock.now;
  const credentials = new DeviceCredentials(new MemoryCredentialStore());
  const put = async (id: string, endpointName: string): Promise<unknown> =>
    credentials.put({
      id,
      endpointName,
      proof: { kind: 'psk', identity: id },
      createdAt: instantFrom(0),
      key: keyOf(id),
    });
  await put('by-udp', endpoint);
  await put('by-sms', owner);
  const numbers = await SmsNumbers.open(new MemorySmsNumberStore());
  await numbers.provision(endpoint, number, now());
  const overUdp = (address: string, port: number): RecordCarrier => ({
    binding: network.binding(address, port),
    random: seededRandom(port),
    now,
  });
  const carrier = centre.carrier(platform);
  const binding = sms({
    carrier,
    number: platform,
    surroundings: carrier.surroundings,
    isAllowed: (from) => numbers.isAllowed(from),
    budgets: { perSecond: 50 },
  });
  const trusted = deviceDtlsCredentials(credentials, { clock: now });
  const server = await LwM2mServer.open({
    listen: [
      dtls({ port: 0, carrier: overUdp('10.0.0.1', 5684), credentials: trusted }),
      dtls({
        port: 0,
        carrier: binding.records,
        connectionIdLength: 'none',
        protocol: smsDtlsProtocol,
        credentials: trusted,
      }),
    ],
    credentials,
    sms: { numbers, unprotected: 'nothing' },
  });
  const reboots: number[] = [];
  const phone = centre.carrier(number);
  const client = await LwM2mClient.open({
    endpoint,
    servers: [
      {
        uri: 'coaps://10.0.0.1:5684',
        shortServerId: 1,
        lifetime: seconds(86_400),
        binding: mode,
        security: { mode: 'psk', identity: 'by-udp', key: keyOf('by-udp') },
        sms: { number: platform, security: { mode: 'psk', identity: 'by-sms', key: keyOf('by-sms') } },
      },
    ],
    objects: [
      device({
        manufacturer: 'Dunlin',
        supportedBindingAndModes: 'UQS',
        onReboot: () => void reboots.push(1),
      }),
    ],
    secureBinding: clientDtls({ port: 0, carrier: overUdp('10.0.0.2', 40_000) }),
    sms: clientSms({
      carrier: phone,
      number,
      surroundings: phone.surroundings,
      budgets: { perSecond: 50 },
    }),
  });
  await network.run(minutes(2));
  const finish = async <T>(promise: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = (): void => void (isOver = true);
    promise.then(over, over);
    await network.runUntil(() => isOver, minutes(20));
    return await promise;
  };
  return {
    network,
    centre,
    server,
    binding,
    reboots,
    finish,
    async [Symbol.asyncDispose]() {
      await finish(Promise.all([client.suspend(), server.close()]));
    },
  };
}

describe('a device with a key for each of its ways (R-750, R-751)', () => {
  it('is asked by short message over DTLS, though it registered over UDP with another identity: mode US', async () => {
    await using world = await open('US');
    const handle = world.server.device(endpoint);
    const { peer } = (await handle.registration()) ?? {};
    assert.deepEqual([peer?.transport, peer?.security], ['udp', { kind: 'psk', identity: 'by-udp' }]);
    world.centre.carried.length = 0;
    assert.equal(await world.finish(handle.read(Device.manufacturer, { channel: 'sms' })), 'Dunlin');
    assert.equal(world.centre.carried.length, 2);
    assert.ok(world.centre.carried.every(({ message }) => message.userData[0] === 23));
  });

  it('is woken over DTLS, where nothing goes unprotected: mode UQS', async () => {
    await using world = await open('UQS');
    await world.network.run(minutes(10));
    world.centre.carried.length = 0;
    await world.server.device(endpoint).operations.enqueue({ name: 'execute', target: '/3/0/4' });
    await world.network.run(minutes(2));
    assert.equal(world.reboots.length, 1);
    assert.equal(world.centre.carried.length, 2);
    assert.equal(world.binding.statistics.sent.trigger.accepted, 1);
  });

  it('is not taken for who comes from its number with the identity of another', async () => {
    await using world = await open('US', 'somebody-else');
    const asked = world.server.device(endpoint).read(Device.manufacturer, { channel: 'sms' });
    await assert.rejects(world.finish(asked), { code: 'not-sent', message: /no DTLS association/ });
  });
});
