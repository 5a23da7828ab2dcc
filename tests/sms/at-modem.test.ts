// Our dialogue with modems over a real serial port driver, a modem that is not the carrier's own, and a message centre that
// is not ours at all.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode, milliseconds, Secret, utf8Encode } from '@dunlin/base';

import { until } from '../support/until.ts';
import {
  deviceNumber,
  ModemAndServer,
  serverNumber,
  shortMessage,
  skipWithoutModem,
} from './support/modem-and-server.ts';

const counting = Uint8Array.from({ length: 140 }, (_, index) => index);

/** Each test has a network of its own, and most of its time it waits for others. */
const concurrency = 4;

describe('a modem in a mobile network', { skip: skipWithoutModem, concurrency }, () => {
  it('carries 140 octets to the server and back, unchanged, and tells what became of them', async () => {
    await using lab = await ModemAndServer.start();
    const server = await lab.server();
    const device = await lab.device();
    const up = shortMessage(serverNumber, counting, { wantsReceipt: true });
    device.carrier.submit(up);
    assert.equal((await device.log.next('accepted')).id, up.id);
    const { message } = await server.log.next('received');
    assert.equal(hexEncode(message.userData), hexEncode(counting));
    assert.equal(message.from, deviceNumber);

    const header = Uint8Array.of(5, 0, 3, 0x77, 2, 1, 0xca, 0xfe);
    const down = shortMessage(deviceNumber, header, { hasHeader: true, wantsReceipt: true });
    server.carrier.submit(down);
    const received = await device.log.next('received');
    assert.equal(hexEncode(received.message.userData), hexEncode(header));
    assert.equal(received.message.hasHeader, true);
    assert.equal(received.message.from, serverNumber);
    assert.deepEqual(await server.log.next('receipt'), { kind: 'receipt', id: down.id, state: 'delivered' });
    assert.deepEqual(device.log.of('dropped'), []);
  });

  it('has a number of its own, beside another one', async () => {
    await using lab = await ModemAndServer.start();
    const other = await lab.another();
    const server = await lab.server();
    const first = await lab.device();
    const second = await lab.device({ path: other.line.path });
    first.carrier.submit(shortMessage(serverNumber, utf8Encode('first')));
    second.carrier.submit(shortMessage(serverNumber, utf8Encode('second')));
    const received = [await server.log.next('received'), await server.log.next('received')];
    assert.deepEqual(
      new Map(received.map(({ message }) => [message.from, new TextDecoder().decode(message.userData)])),
      new Map([
        [deviceNumber, 'first'],
        [other.number, 'second'],
      ]),
    );
    first.carrier.submit(shortMessage(other.number, utf8Encode('to the other')));
    assert.equal((await second.log.next('received')).message.from, deviceNumber);
    assert.deepEqual(first.log.of('received'), []);
  });

  it('of the old kind stores what comes, and it is deleted when it was taken', async () => {
    await using lab = await ModemAndServer.start({ hasAcknowledgements: false });
    const server = await lab.server();
    const device = await lab.device();
    device.log.answer = () => 'later';
    server.carrier.submit(shortMessage(deviceNumber, utf8Encode('stored')));
    const { message } = await device.log.next('received');
    assert.equal(new TextDecoder().decode(message.userData), 'stored');
    assert.equal(lab.modem.state.memory.size, 1);
    device.carrier.acknowledge(message.id, 'taken');
    await until(() => lab.modem.state.memory.size === 0);
    assert.ok(lab.modem.dialogue.some((line) => line.startsWith('< +CMTI:')));
  });

  it('is told when no server is there: it may try again later', async () => {
    await using lab = await ModemAndServer.start();
    const device = await lab.device();
    device.carrier.submit(shortMessage(serverNumber, utf8Encode('hello')));
    const refused = await device.log.next('refused');
    assert.equal(refused.isTemporary, true);
    assert.match(refused.reason, /\+CMS ERROR: 38/);
  });

  it('has its card unlocked', async () => {
    await using lab = await ModemAndServer.start({ pin: '2468' });
    await lab.device({ pin: new Secret(utf8Encode('2468')) });
    assert.equal(lab.modem.state.wrongPins, 0);
  });

  it('refuses a message that nobody has room for, and the network brings it again', async () => {
    await using lab = await ModemAndServer.start();
    const server = await lab.server();
    const device = await lab.device();
    device.log.answer = () => 'busy';
    server.carrier.submit(shortMessage(deviceNumber, utf8Encode('again')));
    await device.log.next('received');
    device.log.answer = () => 'taken';
    await until(() => lab.modem.dialogue.includes('> AT+CNMA=2'));
    await lab.network.triggerQueue();
    const { message } = await device.log.next('received');
    assert.equal(hexEncode(message.userData), hexEncode(utf8Encode('again')));
  });

  it('gives no more messages after one was not acknowledged, until it is set up again', async () => {
    await using lab = await ModemAndServer.start({ acknowledgementTime: 200 });
    const server = await lab.server();
    const device = await lab.device({ limits: { keepAlive: milliseconds(1500) } });
    device.log.answer = () => 'later';
    server.carrier.submit(shortMessage(deviceNumber, utf8Encode('unheeded')));
    await device.log.next('received');
    await until(() => lab.modem.state.indications.messages === 0);
    device.log.answer = () => 'taken';
    await until(() => lab.modem.state.indications.messages === 2);
    await lab.network.triggerQueue();
    const { message } = await device.log.next('received');
    assert.equal(hexEncode(message.userData), hexEncode(utf8Encode('unheeded')));
  });

  it('keeps what comes while the device is off, as much as the card holds; the rest waits in the network', async () => {
    await using lab = await ModemAndServer.start({ capacity: 2 });
    const server = await lab.server();
    const first = await lab.device();
    await first.carrier[Symbol.asyncDispose]();
    for (const text of ['one', 'two', 'three'])
      server.carrier.submit(shortMessage(deviceNumber, utf8Encode(text)));
    await until(() => lab.modem.state.memory.size === 2);
    await server.log.next('accepted');
    const device = await lab.device();
    await device.log.next('received');
    await device.log.next('received');
    await until(() => lab.modem.state.memory.size === 0);
    await lab.network.triggerQueue();
    await device.log.next('received');
    assert.deepEqual(
      device.log
        .of('received')
        .map(({ message }) => new TextDecoder().decode(message.userData))
        .sort(),
      ['one', 'three', 'two'],
    );
  });
});

describe('a modem fails', { skip: skipWithoutModem, concurrency }, () => {
  it('unplugged while a message is with it: nobody knows, and the message is never sent again', async () => {
    await using lab = await ModemAndServer.start();
    const server = await lab.server();
    const device = await lab.device({ limits: { firstReopening: milliseconds(100) } });
    const unplugged = Promise.withResolvers<void>();
    lab.modem.onSubmit = () => {
      lab.line.unplug().then(unplugged.resolve, unplugged.reject);
    };
    const lost = shortMessage(serverNumber, utf8Encode('once'));
    device.carrier.submit(lost);
    await unplugged.promise;
    lab.modem.onSubmit = () => undefined;
    assert.equal((await device.log.next('unknown')).id, lost.id);
    await device.log.next('down');
    assert.equal((await server.log.next('received')).message.userData.length, 4, 'it had gone out after all');

    await lab.line.plug();
    await device.log.next('up');
    device.carrier.submit(shortMessage(serverNumber, utf8Encode('another')));
    assert.equal((await server.log.next('received')).message.userData.length, 7);
    assert.equal(server.log.of('received').length, 2);
  });

  it('hung: it is given up and opened again, and the message it did not ask for is known to be unsent', async () => {
    await using lab = await ModemAndServer.start();
    const device = await lab.device({
      limits: { promptTimeout: milliseconds(500), firstReopening: milliseconds(100) },
    });
    // It is up before it has looked through its memory.
    await until(() => lab.modem.dialogue.at(-2) === '> AT+CMGL=4');
    lab.modem.isDeaf = true;
    device.carrier.submit(shortMessage(serverNumber, utf8Encode('hello')));
    assert.equal((await device.log.next('refused')).isTemporary, true);
    assert.match((await device.log.next('down')).reason, /AT\+CMGS=\d+/);
    lab.modem.isDeaf = false;
    await device.log.next('up');
  });

  it('without the message centre, which is restarted: messages go again both ways', async () => {
    await using lab = await ModemAndServer.start();
    const server = await lab.server();
    const device = await lab.device();
    await lab.network.stopCentre();
    await until(() => !lab.modem.phone.isAttached);
    device.carrier.submit(shortMessage(serverNumber, utf8Encode('lost')));
    assert.equal((await device.log.next('refused')).isTemporary, true);
    await server.log.next('down');

    await lab.network.startCentre();
    await lab.modem.phone.attach();
    await server.log.next('up');
    device.carrier.submit(shortMessage(serverNumber, utf8Encode('up')));
    await server.log.next('received');
    server.carrier.submit(shortMessage(deviceNumber, utf8Encode('down')));
    await device.log.next('received');
  });

  it('with the message centre lost while a message is on its way: nobody knows, and it is not sent again', async () => {
    await using lab = await ModemAndServer.start();
    const device = await lab.device();
    const stopped = Promise.withResolvers<void>();
    lab.modem.onSubmit = () => {
      lab.network.stopCentre().then(stopped.resolve, stopped.reject);
    };
    device.carrier.submit(shortMessage(serverNumber, utf8Encode('lost')));
    await stopped.promise;
    assert.match((await device.log.next('unknown')).reason, /332/);
  });

  it('in a place without network: it waits, and says so', async () => {
    await using lab = await ModemAndServer.start();
    await lab.modem.phone.detach();
    const waiting = lab.device();
    await until(() => lab.modem.dialogue.includes('< +CREG: 0,2'));
    await lab.modem.phone.attach();
    const device = await waiting;
    assert.match(device.log.of('down')[0]?.reason ?? '', /looking for a network/);
  });
});
