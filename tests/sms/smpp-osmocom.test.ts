// Sessions with Osmocom's message centre, which is in real networks, and phones attached to it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { concatBytes, milliseconds } from '@dunlin/base';
import { addressOf, decodeReceivedTpdu, type Deliver, eightBitData, encodeSubmit } from '@dunlin/sms';

import { SmppParty } from '../support/sms/smpp-party.ts';
import { TlsFront } from '../support/sms/tls-front.ts';
import { until } from '../support/until.ts';
import { MobileNetwork, skipWithoutNetwork } from './support/mobile-network.ts';
import { memoryCapacityExceeded, type RpCause, UserEquipment } from './support/phone/user-equipment.ts';

const alice = { imsi: '001010000000001', number: '491700000001' };
const bob = { imsi: '001010000000002', number: '491700000002' };
// The centre routes receipts by number and type, and this type is among its routes.
const source = { typeOfNumber: 0, numberingPlan: 1, digits: '10690' };
const bytes = Uint8Array.from({ length: 140 }, (_, index) => index);

describe('SMPP with a message centre of Osmocom', { skip: skipWithoutNetwork }, () => {
  it('carries 140 bytes to a phone and back, unchanged, with the kind of data that was asked for', async () => {
    await using network = await MobileNetwork.start({ subscribers: [alice] });
    await using phone = new Phone(network, alice.imsi);
    await phone.attach();
    for (const dataCoding of [0x04, 0xf5]) {
      await using server = party(network, { dataCoding });
      await server.up();
      server.send(1, alice.number, bytes);
      const { userData, from } = await phone.next();
      assert.deepEqual(userData, { dataCodingScheme: dataCoding, hasHeader: false, octets: bytes });
      assert.equal(from.digits, '10690');
      await server.has('receipt');
      assert.equal(await phone.submit(bytes), undefined);
      await server.has('received');
      const [received] = server.of('received');
      assert.deepEqual(received?.message, {
        id: 1,
        from: alice.number,
        userData: bytes,
        hasHeader: false,
      });
      assert.deepEqual(server.of('dropped'), []);
    }
  });

  it('tells what became of each message, though the centre names all alike', async () => {
    await using network = await MobileNetwork.start({ subscribers: [alice, bob] });
    await using phone = new Phone(network, alice.imsi);
    await using other = new Phone(network, bob.imsi);
    await phone.attach();
    await using server = party(network);
    await server.up();
    server.send(1, bob.number, Uint8Array.of(1));
    await server.has('accepted', 1);
    server.send(2, alice.number, Uint8Array.of(2));
    await server.has('receipt', 1);
    server.send(3, alice.number, concatBytes([Uint8Array.of(5, 0, 3, 9, 2, 1), bytes.subarray(6)]), true);
    await server.has('receipt', 2);
    assert.deepEqual(new Set(server.of('accepted').map(({ reference }) => reference)).size, 1);
    await other.attach();
    await network.triggerQueue();
    await server.has('receipt', 3);
    assert.deepEqual(
      server.of('receipt').map(({ id, state }) => [id, state]),
      [
        [2, 'delivered'],
        [3, 'delivered'],
        [1, 'delivered'],
      ],
    );
  });

  it('comes again after the centre was killed and started, and what was accepted is delivered', async () => {
    await using network = await MobileNetwork.start({ subscribers: [alice] });
    await using phone = new Phone(network, alice.imsi);
    // The centre takes messages only for phones that it has seen.
    await phone.attach();
    await phone.detach();
    await using server = party(network);
    await server.up();
    server.send(1, alice.number, Uint8Array.of(1));
    await server.has('accepted');
    await network.stopCentre();
    await server.has('down');
    server.send(2, alice.number, Uint8Array.of(2));
    assert.deepEqual(
      server.of('refused').map(({ id, isTemporary }) => [id, isTemporary]),
      [[2, true]],
    );
    await network.startCentre();
    await server.has('up', 2);
    await phone.attach();
    await network.triggerQueue();
    assert.deepEqual((await phone.next()).userData.octets, Uint8Array.of(1));
    await server.has('receipt');
    assert.deepEqual(server.of('receipt'), [{ kind: 'receipt', id: 1, state: 'delivered' }]);
    assert.deepEqual(server.of('unknown'), []);
  });

  it('leaves a message to the centre while the memory of the phone is full', async () => {
    await using network = await MobileNetwork.start({ subscribers: [alice] });
    await using phone = new Phone(network, alice.imsi);
    await phone.attach();
    await using server = party(network);
    await server.up();
    phone.refusal = memoryCapacityExceeded;
    server.send(1, alice.number, Uint8Array.of(1));
    await phone.next();
    assert.deepEqual(server.of('receipt'), []);
    phone.refusal = undefined;
    await network.triggerQueue();
    assert.deepEqual((await phone.next()).userData.octets, Uint8Array.of(1));
    await server.has('receipt');
  });

  it('has the centre tell the phone that its message was not taken, when nobody could take it', async () => {
    await using network = await MobileNetwork.start({ subscribers: [alice] });
    await using phone = new Phone(network, alice.imsi);
    await phone.attach();
    assert.equal(await phone.submit(bytes), networkOutOfOrder);
    await using server = party(network);
    await server.up();
    server.answer = 'busy';
    assert.notEqual(await phone.submit(bytes), undefined);
    server.answer = 'taken';
    assert.equal(await phone.submit(bytes), undefined);
    assert.equal(server.of('received').length, 2);
  });

  it('is told what is wrong with an account, and the centre lives', async () => {
    await using network = await MobileNetwork.start({ subscribers: [alice] });
    const url = `smpp://${network.address}:2775`;
    await using guess = new SmppParty(url, 'lwm2m', 'guess');
    await guess.has('down');
    assert.match(guess.of('down')[0]?.reason ?? '', /password is wrong/);
    assert.ok(guess.carrier.status.kind === 'waiting' && guess.carrier.status.isMisconfigured);
    await using stranger = new SmppParty(url, 'stranger', 's3cret');
    await stranger.has('down');
    assert.match(stranger.of('down')[0]?.reason ?? '', /system id is not known/);
    await using server = party(network);
    await server.up();
    assert.doesNotMatch(JSON.stringify([guess.events, guess.carrier.status]), /guess/);
  });

  it('does the same through TLS', async () => {
    await using network = await MobileNetwork.start({ subscribers: [alice] });
    await using front = await TlsFront.open(network.smpp);
    await using phone = new Phone(network, alice.imsi);
    await phone.attach();
    await using server = new SmppParty(front.url, 'lwm2m', 's3cret', { source, tls: { ca: front.ca } });
    await server.up();
    server.send(1, alice.number, bytes);
    assert.deepEqual((await phone.next()).userData.octets, bytes);
    await server.has('receipt');
  });
});

/** Nobody is bound with the number (3GPP TS 24.011 §8.2.5.4). */
const networkOutOfOrder: RpCause = 38;

function party(network: MobileNetwork, options: ConstructorParameters<typeof SmppParty>[3] = {}): SmppParty {
  const { host, port } = network.smpp;
  return new SmppParty(`smpp://${host}:${port}`, 'lwm2m', 's3cret', { source, ...options });
}

/** A phone that keeps the messages that come to it, those that it refuses too. */
class Phone implements AsyncDisposable {
  refusal: RpCause | undefined;
  readonly #equipment: UserEquipment;
  readonly #messages: Deliver[] = [];

  constructor(network: MobileNetwork, imsi: string) {
    const take = (tpdu: Uint8Array): Promise<RpCause | undefined> => {
      const message = decodeReceivedTpdu(tpdu);
      assert.ok(message.kind === 'deliver', JSON.stringify(message));
      this.#messages.push(message);
      return Promise.resolve(this.refusal);
    };
    this.#equipment = new UserEquipment({ sgs: network.sgs, imsi, take });
  }

  attach(): Promise<void> {
    return this.#equipment.attach();
  }

  detach(): Promise<void> {
    return this.#equipment.detach();
  }

  /** The next message that came. */
  async next(): Promise<Deliver> {
    await until(() => this.#messages.length > 0);
    const message = this.#messages.shift();
    assert.ok(message !== undefined);
    return message;
  }

  /** Sends 8-bit data to the server; gives why it was refused. */
  submit(octets: Uint8Array): Promise<RpCause | undefined> {
    return this.#equipment.submit(
      encodeSubmit({
        messageReference: 1,
        to: addressOf('10690'),
        protocolIdentifier: 0,
        validity: milliseconds(3_600_000),
        wantsStatusReport: false,
        userData: { dataCodingScheme: eightBitData, hasHeader: false, octets },
      }),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#equipment[Symbol.asyncDispose]();
  }
}
