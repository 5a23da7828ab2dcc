import assert from 'node:assert/strict';
import { test } from 'node:test';

import { modeOf, pairOf } from '../support/modes.ts';
import { lastEstablished } from '../support/party.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');

test('a client gives up after the last retransmission when nobody answers (RFC 6347 §4.2.4.1, checklist 27)', () => {
  const { world, client, server } = pairOf(mode, 1);
  world.path = () => [];
  client.endpoint.connect(server.address, mode.client, world.now);
  world.run(130_000);
  assert.equal(world.sent.length, 6);
  assert.deepEqual(
    client.all('failed').map(({ reason, alert }) => [reason, alert]),
    [['timeout', undefined]],
  );
  assert.equal(client.endpoint.deadline, undefined);
  assert.equal(client.endpoint.associations, 0);
});

test('a server gives up after the last retransmission, and at the end of its patience (checklist 5, 27)', () => {
  const { world, client, server } = pairOf(mode, 2);
  let isGone = false;
  world.path = (flying) => {
    isGone ||= server.endpoint.handshakes > 0;
    return isGone && flying.to.key === server.address.key ? [] : [flying];
  };
  client.endpoint.connect(server.address, mode.client, world.now);
  world.run(130_000);
  assert.deepEqual(
    server.all('failed').map(({ reason, alert }) => [reason, alert]),
    [['timeout', undefined]],
  );
  const sent = world.sent.filter(({ from }) => from.key === server.address.key);
  // A HelloVerifyRequest, then the flight six times, of which three times one message in each datagram.
  assert.equal(sent.length, 1 + 3 + 3 * 2);
});

test('a flight is repeated in new records, with new sequence numbers (RFC 6347 §4.2.4, checklist 11, 27)', () => {
  const { world, client, server } = pairOf(mode, 3);
  const numbers: string[] = [];
  world.path = (flying, index) => {
    if (flying.from.key === client.address.key) numbers.push(flying.datagram.slice(3, 11).join(' '));
    return index === 5 ? [] : [flying];
  };
  client.endpoint.connect(server.address, mode.client, world.now);
  world.run(5000);
  assert.ok(lastEstablished(client) && lastEstablished(server));
  assert.ok(numbers.length > 3);
  assert.equal(new Set(numbers).size, numbers.length);
});
