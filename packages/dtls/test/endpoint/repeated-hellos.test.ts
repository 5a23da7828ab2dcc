import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { concatBytes, noBytes } from '@dunlin/base';

import { type EstablishedPair, establishedPair } from '../support/established.ts';
import { modeOf, pairOf } from '../support/modes.ts';
import { addressOf, type Flying, sendText } from '../support/party.ts';
import { cookieIn, firstTypeOf, helloIn, helloRecord } from '../support/raw.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');

/** The hello with the cookie among datagrams, which is the last of the hellos. */
function lastHello(sent: readonly Flying[]): Flying {
  const hello = sent.findLast(({ datagram }) => firstTypeOf(datagram) === 'clientHello');
  assert.ok(hello);
  return hello;
}

/** An association, full or resumed, together with the hello that made it. */
function made(isResumed: boolean, seed: number): EstablishedPair & { readonly hello: Flying } {
  const pair = establishedPair(mode, seed);
  const { world, client, server, clientSide } = pair;
  const options = isResumed ? { ...mode.client, resume: clientSide.session } : mode.client;
  client.endpoint.connect(server.address, options, world.now);
  world.run(2000);
  assert.equal(server.all('established').at(-1)?.isResumed, isResumed);
  return { ...pair, hello: lastHello(world.sent) };
}

describe('a ClientHello that comes a second time', () => {
  for (const isResumed of [false, true]) {
    test(`after the association that it made is there begins no new one, ${isResumed ? 'resumed' : 'full'} (checklist 22)`, () => {
      const { server, client, world, hello } = made(isResumed, 1);
      for (const hasData of [false, true]) {
        if (hasData) {
          const [, own] = client.all('established');
          assert.ok(own);
          sendText(world, client, own.association, 'data');
          world.run(100);
        }
        const before = world.sent.length;
        server.endpoint.handle(hello.datagram, hello.from, world.now);
        world.run(100);
        assert.equal(server.endpoint.handshakes, 0);
        assert.equal(world.sent.length, before, 'nothing is answered');
      }
    });
  }

  test('begins a new one when it is too old to be a duplicate: some devices draw the same random after each start', () => {
    const { server, world, hello } = made(false, 2);
    const answers = (cookie: Uint8Array): readonly Flying[] => {
      const again = helloRecord({ ...helloIn(hello.datagram), cookie }, 9);
      server.endpoint.handle(again, hello.from, world.now);
      return server.drain(world.now);
    };
    world.run(130_000);
    const [request] = answers(noBytes);
    const [answer] = answers(cookieIn(request?.datagram));
    assert.equal(firstTypeOf(answer?.datagram ?? noBytes), 'serverHello');
  });
});

describe('several ClientHellos in one datagram', () => {
  test('get one answer at most: answers are datagrams, with headers of their own (checklist 1)', () => {
    const { server, world } = pairOf(mode, 3);
    const datagram = concatBytes(Array.from({ length: 20 }, (_, index) => helloRecord({}, index)));
    server.endpoint.handle(datagram, addressOf('203.0.113.5', 5), world.now);
    assert.equal(server.drain(world.now).length, 1);
  });
});
