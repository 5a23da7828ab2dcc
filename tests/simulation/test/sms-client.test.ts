// A device and short messages: on which way it registers, what wakes it, and what it passes over in silence.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode, milliseconds, Secret, seconds, utf8Encode } from '@dunlin/base';
import {
  type ClientDiagnostic,
  device,
  LwM2mClient,
  type ServerAccount,
  type SmsPolicy,
} from '@dunlin/client';
import { clientSms, dtls, sms as smsBinding, smsDtlsProtocol } from '@dunlin/node';
import { LwM2mServer, type Registration } from '@dunlin/server';
import { type CarriedMessage, SimulatedMessageCentre, SimulatedNetwork } from '@dunlin/simulation';

const platform = '10690';
const phone = '491700000001';
const stranger = '491709999999';
const key = utf8Encode('a key of sixteen');
const psk = { mode: 'psk', identity: 'phone', key: new Secret(key.slice()) } as const;

/** CoAP: CON POST /1/0/8 with a message id. */
function trigger(id: number): Uint8Array {
  return Uint8Array.of(0x40, 0x02, id >> 8, id & 0xff, 0xb1, 0x31, 0x01, 0x30, 0x01, 0x38);
}

/** CoAP: CON GET /3/0/0 with a message id. */
function read(id: number): Uint8Array {
  return Uint8Array.of(0x40, 0x01, id >> 8, id & 0xff, 0xb1, 0x33, 0x01, 0x30, 0x01, 0x30);
}

/** A device, a platform that has UDP and short messages, and the message centre between them. */
class Bench implements AsyncDisposable {
  readonly network = new SimulatedNetwork(1);
  readonly centre = new SimulatedMessageCentre(this.network, 1);
  readonly diagnostics: ClientDiagnostic[] = [];
  readonly events: string[] = [];
  #server: LwM2mServer | undefined;
  #client: LwM2mClient | undefined;

  static async open(account: Partial<ServerAccount>, policy?: Partial<SmsPolicy>): Promise<Bench> {
    const bench = new Bench();
    await bench.#openServer();
    await bench.#openClient(account, policy);
    return bench;
  }

  get server(): LwM2mServer {
    assert.ok(this.#server);
    return this.#server;
  }

  get client(): LwM2mClient {
    assert.ok(this.#client);
    return this.#client;
  }

  async registration(): Promise<Registration | undefined> {
    return await this.server.device('phone').registration();
  }

  async pass(duration: number): Promise<void> {
    await this.network.run(milliseconds(duration * 1000));
  }

  async finish<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => void (isOver = true);
    promise.then(over, over);
    await this.network.runUntil(() => isOver, milliseconds(1_000_000));
    return await promise;
  }

  /** What the device sent by short messages since this was last asked, and the platform to it. */
  carried(): { readonly up: readonly CarriedMessage[]; readonly down: readonly CarriedMessage[] } {
    const all = this.centre.carried.splice(0);
    return {
      up: all.filter(({ from }) => from === phone),
      down: all.filter(({ message }) => message.to === phone),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = Promise.all([this.#client?.suspend(), this.#server?.close()]);
    await this.finish(closing);
  }

  async #openServer(): Promise<void> {
    const carrier = this.centre.carrier(platform);
    const { surroundings } = carrier;
    const binding = smsBinding({
      carrier,
      number: platform,
      surroundings,
      unprotected: 'all',
      isAllowed: () => true,
      budgets: { perSecond: 10 },
    });
    const secure = dtls({
      port: 0,
      carrier: binding.records,
      connectionIdLength: 'none',
      protocol: smsDtlsProtocol,
      credentials: {
        pskFor: (identity) =>
          Promise.resolve(
            identity === 'phone' ? { key: new Secret(key.slice()), credentialId: '1' } : undefined,
          ),
        trusts: () => Promise.resolve(undefined),
      },
    });
    const server = await LwM2mServer.open({
      listen: [this.network.binding('10.0.0.1', 5683), binding, secure],
    });
    server.registered.subscribe(({ registration }) =>
      this.events.push(`registered by ${registration.peer.transport}`),
    );
    server.updated.subscribe(() => this.events.push('updated'));
    this.#server = server;
  }

  async #openClient(account: Partial<ServerAccount>, policy: Partial<SmsPolicy> = {}): Promise<void> {
    const carrier = this.centre.carrier(phone);
    const { surroundings } = carrier;
    const client = await LwM2mClient.open({
      endpoint: 'phone',
      servers: [{ uri: 'coap://10.0.0.1', shortServerId: 1, lifetime: seconds(86_400), ...account }],
      objects: [
        device({ manufacturer: 'Dunlin', supportedBindingAndModes: 'UQS', onReboot: () => undefined }),
      ],
      binding: this.network.binding('10.0.0.2', 40_000),
      sms: clientSms({ carrier, number: phone, surroundings, budgets: { perSecond: 10 }, policy }),
    });
    client.diagnostics.subscribe((diagnostic) => this.diagnostics.push(diagnostic));
    this.#client = client;
  }
}

describe('A device whose binding mode is S (R-920, R-921, R-922)', () => {
  it('registers by short messages with its number, and is read and written so', async () => {
    const sms = { number: platform };
    await using bench = await Bench.open({ binding: 'S', sms }, { unprotected: 'everything' });
    await bench.pass(60);
    assert.deepEqual(bench.events, ['registered by sms']);
    const registration = await bench.registration();
    assert.deepEqual([registration?.bindingMode, registration?.smsNumber], ['S', phone]);
    bench.carried();
    const content = await bench.finish(bench.server.device('phone').read('/3/0/0'));
    assert.match(JSON.stringify(content), /Dunlin/);
    const { up, down } = bench.carried();
    assert.deepEqual([up.length, down.length], [1, 1], 'a Read costs two short messages');
  });

  it('does so over DTLS with the key of Resources 7 and 8 (R-750, R-751)', async () => {
    await using bench = await Bench.open({ binding: 'SQ', sms: { number: `+${platform}`, security: psk } });
    await bench.pass(60);
    assert.deepEqual(bench.events, ['registered by sms']);
    const registration = await bench.registration();
    assert.deepEqual(registration?.peer.security, { kind: 'psk', identity: 'phone' });
    const { up, down } = bench.carried();
    for (const { message } of [...up, ...down]) assert.ok(message.userData.length <= 140);
    const content = await bench.finish(bench.server.device('phone').read('/3/0/0'));
    assert.match(JSON.stringify(content), /Dunlin/);
  });

  it('wakes with its association, because its number is what it was: an Update costs two short messages (R-808)', async () => {
    await using bench = await Bench.open({ binding: 'SQ', sms: { number: platform, security: psk } });
    await bench.pass(1000);
    bench.carried();
    bench.client.update();
    await bench.pass(60);
    assert.deepEqual(bench.events, ['registered by sms', 'updated']);
    const { up, down } = bench.carried();
    assert.deepEqual([up.length, down.length], [1, 1]);
  });

  it('may have a telephone number as its Server URI', async () => {
    await using bench = await Bench.open({
      uri: `tel:+${platform}`,
      binding: 'S',
      sms: { number: platform, security: psk },
    });
    await bench.pass(120);
    assert.deepEqual(bench.events, ['registered by sms']);
  });
});

describe('A device whose binding mode is UQS', () => {
  const account = { binding: 'UQS', sms: { number: platform } } as const;

  it('registers over UDP with its number, sleeps, and is woken by a short message (R-809)', async () => {
    await using bench = await Bench.open(account);
    await bench.pass(200);
    assert.deepEqual(bench.events, ['registered by udp']);
    assert.equal((await bench.registration())?.smsNumber, phone);
    const asked = bench.server.device('phone').read('/3/0/0');
    await bench.pass(60);
    assert.deepEqual(bench.events, ['registered by udp'], 'it sleeps');
    bench.carried();
    bench.centre.inject(platform, phone, trigger(1));
    assert.match(JSON.stringify(await bench.finish(asked)), /Dunlin/);
    assert.deepEqual(bench.events, ['registered by udp', 'updated']);
    await bench.pass(5);
    const { up } = bench.carried();
    assert.equal(up.length, 1, 'the answer to the trigger');
    assert.equal(hexEncode(up[0]?.message.userData ?? new Uint8Array()), '60440001');
  });

  it('does nothing else for an unprotected short message, and no trigger too often, and says nothing (R-751)', async () => {
    await using bench = await Bench.open(account);
    await bench.pass(10);
    bench.carried();
    const ping = Uint8Array.of(0x40, 0, 0, 9);
    const malformed = Uint8Array.of(0x4f, 1, 0, 9, 0xff);
    const withArguments = Uint8Array.of(...trigger(8), 0xff, 0x30);
    const otherInstance = trigger(8).with(7, 0x31);
    for (const bytes of [read(2), ping, malformed, withArguments, otherInstance])
      bench.centre.inject(platform, phone, bytes);
    await bench.pass(60);
    assert.equal(bench.carried().up.length, 0);
    for (let id = 10; id < 30; id += 1) bench.centre.inject(platform, phone, trigger(id));
    await bench.pass(30);
    assert.equal(bench.carried().up.length, 1, 'one trigger counts in a minute');
    assert.deepEqual(bench.events, ['registered by udp', 'updated']);
    await bench.pass(60);
    bench.centre.inject(platform, phone, trigger(99));
    await bench.pass(30);
    assert.equal(bench.carried().up.length, 1);
  });

  it('passes over short messages of other numbers without a word (R-752)', async () => {
    await using bench = await Bench.open(account, { unprotected: 'everything' });
    await bench.pass(10);
    bench.carried();
    for (const from of [stranger, '1069', '', 'Dunlin']) {
      bench.centre.inject(from, phone, trigger(1));
      bench.centre.inject(from, phone, read(2));
    }
    await bench.pass(60);
    assert.equal(bench.carried().up.length, 0);
    assert.deepEqual(bench.events, ['registered by udp']);
  });

  it('makes an association over short messages where they are protected, and takes nothing else then', async () => {
    await using bench = await Bench.open({ binding: 'UQS', sms: { number: platform, security: psk } });
    await bench.pass(120);
    const { up, down } = bench.carried();
    assert.equal(up.length + down.length, 6, 'a handshake');
    bench.centre.inject(platform, phone, trigger(1));
    await bench.pass(60);
    assert.deepEqual(bench.events, ['registered by udp']);
    bench.client.update();
    await bench.pass(60);
    assert.equal(bench.carried().up.length, 0, 'the association is there already');
  });

  it('tells when there is no association over short messages, and tries again an hour later at the soonest', async () => {
    const wrong = { ...psk, identity: 'nobody' };
    await using bench = await Bench.open({ binding: 'UQS', sms: { number: platform, security: wrong } });
    await bench.pass(900);
    assert.equal(bench.diagnostics.filter(({ kind }) => kind === 'sms-unreachable').length, 1);
    bench.carried();
    for (let count = 0; count < 5; count += 1) {
      bench.client.update();
      await bench.pass(600);
    }
    await bench.pass(900);
    bench.client.update();
    await bench.pass(900);
    assert.equal(bench.diagnostics.filter(({ kind }) => kind === 'sms-unreachable').length, 2);
  });
});

describe('A binding mode that a Server writes', () => {
  it('moves the registration to short messages and back', async () => {
    await using bench = await Bench.open({ sms: { number: platform } }, { unprotected: 'everything' });
    await bench.pass(10);
    const { server } = bench;
    await bench.finish(server.device('phone').write('/1/0/7', 'S'));
    await bench.pass(120);
    assert.equal((await bench.registration())?.peer.transport, 'sms');
    // The Register over UDP is there before the answer over short messages.
    await assert.rejects(bench.finish(server.device('phone').write('/1/0/7', 'U')), /registered anew/);
    await bench.pass(120);
    assert.equal((await bench.registration())?.peer.transport, 'udp');
  });

  it('is refused where it needs short messages and there is no number of the Server', async () => {
    await using bench = await Bench.open({});
    await bench.pass(10);
    await assert.rejects(bench.finish(bench.server.device('phone').write('/1/0/7', 'S')), /4\.00/);
  });
});
