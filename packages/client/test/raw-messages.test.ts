import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { hexEncode } from '@dunlin/base';
import { udpPeer } from '@dunlin/coap';

import { probeObject } from './support/probe-device.ts';
import { completeDevice, Probe } from './support/reference-device.ts';
import { hex, World } from './support/world.ts';

/** A world whose server side is datagrams: `send` gives what the client sent back within a second. */
async function open() {
  const world = await World.registered({ objects: [completeDevice(), probeObject()] });
  const peer = udpPeer('192.0.2.1', 5683);
  const sent: string[] = [];
  world.network.watch(({ from, datagram }) => {
    if (from.address === '192.0.2.7') sent.push(hexEncode(datagram));
  });
  const send = async (digits: string) => {
    sent.length = 0;
    world.network.inject(peer, world.server.device, hex(digits));
    await world.pass(1);
    return [...sent];
  };
  return { world, send, sent };
}

describe('datagrams as a Server may send them', () => {
  test('X-DM-1: an unknown critical option is 4.02 (R-405)', async () => {
    const { send } = await open();
    // CON GET 0x1001, token 07, Uri-Path 3/0/0, option 65001 (critical).
    const [answer] = await send('41011001 07 b133 0130 0130 e0fcd1');
    assert.match(answer ?? '', /^6182100107/);
  });

  test('If-Match and If-None-Match are 4.02, as no Resource can heed them, and nothing is written (R-405, CR-10.8)', async () => {
    const { world, send } = await open();
    const before = world.client.get(Probe(0).label);
    // CON PUT, token 07, If-Match 01 or If-None-Match, Uri-Path 26241/0/6, Content-Format 0, payload "x".
    for (const [mid, condition, path] of [
      ['1011', '1101', 'a53236323431'],
      ['1012', '50', '653236323431'],
    ]) {
      const [answer] = await send(`4103${mid} 07 ${condition} ${path} 0130 0136 10 ff78`);
      assert.match(answer ?? '', new RegExp(`^6182${mid}07`));
    }
    assert.equal(world.client.get(Probe(0).label), before);
  });

  test('an unknown elective option changes nothing', async () => {
    const { send } = await open();
    const [answer] = await send('41011002 07 b133 0130 0130 e0fcd2');
    assert.match(answer ?? '', /^6145100207/);
  });

  test('Observe 0 with a token that observes already replaces the observation (R-503)', async () => {
    const { world, send, sent } = await open();
    // CON GET, token aa, Observe 0, Uri-Path 26241/0/1, then the same token on 26241/0/6.
    const first = await send('41011003 aa 60 553236323431 0130 0131');
    assert.match(first[0] ?? '', /^61451003aa6/);
    const second = await send('41011004 aa 60 553236323431 0130 0136');
    assert.match(second[0] ?? '', /^61451004aa6/);
    assert.equal(world.client.sizes.observations, 1);
    sent.length = 0;
    world.client.set(Probe(0).label, 'x');
    await world.pass(1);
    assert.deepEqual(sent, []);
    world.client.set(Probe(0).limit, 1);
    await world.pass(1);
    assert.equal(sent.length, 1);
  });

  test('a non-confirmable Read is answered', async () => {
    const { send } = await open();
    const [answer] = await send('51011005 07 b133 0130 0130');
    assert.match(answer ?? '', /^5145....07/);
  });

  test('a Reset for any notification ends the observation, also a late one to a non-confirmable (R-504)', async () => {
    const { world, send, sent } = await open();
    await send('41011006 ab 60 553236323431 0130 0131');
    sent.length = 0;
    world.client.set(Probe(0).label, 'x');
    await world.pass(1);
    const messageId = sent[0]?.slice(4, 8) ?? '';
    assert.match(sent[0] ?? '', /^5145....ab/);
    await world.pass(60);
    await send(`7000${messageId}`);
    assert.equal(world.client.sizes.observations, 0);
  });
});
