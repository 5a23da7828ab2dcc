// Sessions against Net::SMPP, a codec of others: what we write is read there, and what is written there we read.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode, milliseconds } from '@dunlin/base';

import { freeTcpPort } from '../support/free-port.ts';
import { skipWithout } from '../support/peer-program.ts';
import { Program } from '../support/program.ts';
import { SmppParty } from '../support/sms/smpp-party.ts';
import { until } from '../support/until.ts';

const skip = skipWithout('perl', '/usr/share/perl5/Net/SMPP.pm');
const source = { typeOfNumber: 3, numberingPlan: 1, digits: '10690' };
const bytes = Uint8Array.from({ length: 140 }, (_, index) => index + 0x70);

describe('SMPP with Net::SMPP', { skip }, () => {
  it('carries messages by deliver_sm, message_payload and data_sm, and receipts in another notation', async () => {
    await using router = await Router.start();
    await using server = new SmppParty(router.url, '10690', 's3cret', { source, systemType: 'm2m' });
    await using device = new SmppParty(router.url, '491700000001', 's3cret');
    await Promise.all([server.up(), device.up()]);
    assert.ok(router.lines.includes('bind_transceiver 10690 s3cret m2m 52'));
    assert.deepEqual(server.carrier.status, {
      ...server.carrier.status,
      kind: 'bound',
      messageCentre: 'perl',
    });

    const header = Uint8Array.of(5, 0, 3, 1, 2, 1, 0xff);
    server.send(1, '491700000001', bytes);
    await device.has('received', 1);
    server.send(2, '491700000001', header, true);
    await device.has('received', 2);
    server.send(3, '491700000001', bytes.subarray(100));
    await device.has('received', 3);
    assert.deepEqual(
      device.of('received').map(({ message }) => [message.from, message.userData, message.hasHeader]),
      [
        ['10690', bytes, false],
        ['10690', header, true],
        ['10690', bytes.slice(100), false],
      ],
    );
    assert.deepEqual(router.of('submit'), [
      `submit 10690 491700000001 0 4 000000000100000R 1 ${hexEncode(bytes)}`,
      `submit 10690 491700000001 64 4 000000000100000R 1 ${hexEncode(header)}`,
      `submit 10690 491700000001 0 4 000000000100000R 1 ${hexEncode(bytes.subarray(100))}`,
    ]);
    assert.deepEqual(
      server.of('accepted').map(({ reference }) => reference),
      ['1a2b', '1a2c', '1a2d'],
    );
    await server.has('receipt', 3);
    assert.deepEqual(
      server.of('receipt').map(({ id, state }) => [id, state]),
      [
        [1, 'delivered'],
        [2, 'delivered'],
        [3, 'delivered'],
      ],
    );
    await until(() => router.of('answer').length === 6);
    assert.deepEqual(router.of('answer').toSorted(), [
      ...Array.from({ length: 5 }, () => 'answer 80000005 0'),
      'answer 80000103 0',
    ]);
    assert.deepEqual(router.of('unexpected'), []);
  });

  it('sends over a transmitter, and hears over a receiver, where the account is bound as a pair', async () => {
    await using router = await Router.start();
    await using server = new SmppParty(router.url, '10690', 's3cret', { source, bind: 'pair' });
    await using device = new SmppParty(router.url, '491700000001', 's3cret', {
      source: { typeOfNumber: 1, numberingPlan: 1, digits: '491700000001' },
      bind: 'pair',
    });
    await Promise.all([server.up(), device.up()]);
    assert.deepEqual(router.lines.filter((line) => line.includes(' 10690 ')).toSorted(), [
      'bind_receiver 10690 s3cret  52',
      'bind_transmitter 10690 s3cret  52',
    ]);
    server.send(1, '491700000001', bytes);
    await Promise.all([server.has('receipt'), device.has('received')]);
    assert.deepEqual(server.of('receipt'), [{ kind: 'receipt', id: 1, state: 'delivered' }]);
    assert.deepEqual(device.of('received')[0]?.message.userData, bytes);
    device.send(1, '10690', bytes.subarray(1));
    await server.has('received');
    await Promise.all([server[Symbol.asyncDispose](), device[Symbol.asyncDispose]()]);
    await until(() => router.of('unbind').length === 4);
    assert.deepEqual(router.of('unexpected'), []);
  });

  it('has messages refused that nobody could take', async () => {
    await using router = await Router.start();
    await using server = new SmppParty(router.url, '10690', 's3cret', { source });
    await using device = new SmppParty(router.url, '491700000001', 's3cret');
    device.answer = 'busy';
    await Promise.all([server.up(), device.up()]);
    server.send(1, '491700000001', bytes);
    await until(() => router.lines.includes('answer 80000005 100'));
  });

  it('tells refusals of messages and of accounts', async () => {
    await using router = await Router.start();
    await using server = new SmppParty(router.url, '10690', 's3cret', { source });
    await using stranger = new SmppParty(router.url, '10691', 'guess');
    await server.up();
    server.send(1, '999', bytes);
    await server.has('refused');
    const [refused] = server.of('refused');
    assert.ok(refused !== undefined && !refused.isTemporary);
    assert.match(refused.reason, /destination address is invalid \(SMPP status 0x0b\)/);
    await stranger.has('down');
    assert.match(stranger.of('down')[0]?.reason ?? '', /password is wrong/);
  });

  it('asks whether the link lives, and unbinds', async () => {
    await using router = await Router.start();
    const limits = { enquireLinkInterval: milliseconds(50) };
    await using server = new SmppParty(router.url, '10690', 's3cret', { limits });
    await until(() => router.of('enquire_link').length > 2);
    assert.equal(server.of('down').length, 0);
    await server[Symbol.asyncDispose]();
    await until(() => router.of('unbind').length === 1);
  });
});

/** The router as a process, with what it said. */
class Router implements AsyncDisposable {
  readonly url: string;
  readonly #program: Program;

  private constructor(port: number) {
    this.url = `smpp://127.0.0.1:${port}`;
    this.#program = new Program(['perl', 'tests/support/sms/net-smpp-router.pl', String(port)]);
  }

  static async start(): Promise<Router> {
    const router = new Router(await freeTcpPort());
    await router.#program.waitFor(/listening\n/);
    return router;
  }

  /** What it said, in lines. */
  get lines(): readonly string[] {
    return this.#program.stdout.split('\n').slice(0, -1);
  }

  /** What it said that begins with this word. */
  of(word: string): readonly string[] {
    return this.lines.filter((line) => line.split(' ')[0] === word);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#program[Symbol.asyncDispose]();
  }
}
