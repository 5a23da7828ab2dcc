import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type Instant, milliseconds } from '@dunlin/base';
import {
  type Driven,
  encodeMessage,
  MessageType,
  Method,
  OptionNumber,
  type OutgoingDatagram,
  type Peer,
  udpPeer,
} from '@dunlin/coap';
import { describeDatagram, SimulatedNetwork } from '@dunlin/simulation';

/** Sends a numbered datagram every second, and keeps what it hears. */
class Ticker implements Driven {
  readonly heard: { readonly at: Instant; readonly text: string; readonly from: string }[] = [];
  deadline: Instant | undefined;
  readonly #to: Peer | undefined;
  readonly #out: OutgoingDatagram[] = [];
  #count = 0;

  constructor(start?: Instant, to?: Peer) {
    this.deadline = start;
    this.#to = to;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.heard.push({ at: now, text: new TextDecoder().decode(datagram), from: peer.key });
  }

  wake(now: Instant): void {
    this.deadline = (now + 1000) as Instant;
    if (this.#to !== undefined)
      this.#out.push({ peer: this.#to, datagram: new TextEncoder().encode(`${this.#count++}`) });
  }

  poll(): OutgoingDatagram | undefined {
    return this.#out.shift();
  }
}

async function run(seed: number): Promise<Ticker['heard']> {
  const network = new SimulatedNetwork(seed, {
    loss: 0.3,
    duplication: 0.3,
    reordering: 0.5,
    reorderingDelay: milliseconds(5000),
  });
  const listener = new Ticker();
  const shell = await network.binding('10.0.0.1', 5683).open(listener);
  await network.binding('10.0.0.2', 0).open(new Ticker(network.clock.now, shell.peer('10.0.0.1', 5683)));
  await network.run(milliseconds(100_000));
  return listener.heard;
}

describe('a simulated network', () => {
  it('gives the same run for the same seed and another one for another seed', async () => {
    assert.deepEqual(await run(7), await run(7));
    assert.notDeepEqual(await run(7), await run(8));
  });

  it('loses, duplicates and reorders', async () => {
    const texts = (await run(7)).map(({ text }) => Number(text));
    assert.ok(new Set(texts).size < 100, 'some are lost');
    assert.ok(texts.length > new Set(texts).size, 'some come twice');
    assert.notDeepEqual(
      texts,
      texts.toSorted((a, b) => a - b),
      'some are overtaken',
    );
  });

  it('shows another address after a rebinding and delivers nothing to the old one', async () => {
    const network = new SimulatedNetwork(1);
    const listener = new Ticker();
    const here = await network.binding('10.0.0.1', 5683).open(listener);
    const roaming = await network
      .binding('10.0.0.2', 1000)
      .open(new Ticker(network.clock.now, here.peer('10.0.0.1', 5683)));
    await network.run(milliseconds(500));
    await roaming.rebind?.();
    await network.run(milliseconds(1000));
    assert.deepEqual(
      listener.heard.map(({ from }) => from === 'udp:10.0.0.2:1000'),
      [true, false],
    );
    network.inject(here.peer('10.0.0.1', 5683), here.peer('10.0.0.2', 1000), new Uint8Array(1));
    await network.run(milliseconds(100));
    assert.equal(network.counts.delivered, 2);
  });

  it('stops a core that asks to be woken again and again at one instant', async () => {
    const network = new SimulatedNetwork(1);
    const stuck: Driven = {
      handle: () => undefined,
      wake: () => undefined,
      poll: () => undefined,
      deadline: network.clock.now,
    };
    await network.binding('10.0.0.1', 1).open(stuck);
    assert.throws(() => network.runSynchronously(milliseconds(1)), /makes no progress/);
  });

  it('has other conditions for one address, until they are taken back', async () => {
    const network = new SimulatedNetwork(1);
    const listener = new Ticker();
    const shell = await network.binding('10.0.0.1', 5683).open(listener);
    for (const address of ['10.0.0.2', '10.0.0.3'])
      await network.binding(address, 1).open(new Ticker(network.clock.now, shell.peer('10.0.0.1', 5683)));
    network.setConditionsAt('10.0.0.2', { loss: 1 });
    await network.run(milliseconds(2500));
    assert.deepEqual(
      listener.heard.map(({ from }) => from),
      Array.from({ length: 3 }, () => 'udp:10.0.0.3:1'),
    );
    network.setConditionsAt('10.0.0.2', undefined);
    await network.run(milliseconds(1000));
    assert.equal(listener.heard.filter(({ from }) => from === 'udp:10.0.0.2:1').length, 1);
  });

  it('describes datagrams for people', () => {
    const network = new SimulatedNetwork(1);
    const lines: string[] = [];
    const start = network.clock.now;
    network.watch((datagram) => lines.push(describeDatagram(datagram, start)));
    const [from, to] = [udpPeer('10.0.0.1', 1), udpPeer('10.0.0.2', 2)];
    const options = [
      { number: OptionNumber.uriPath, value: 'rd' },
      { number: OptionNumber.contentFormat, value: 40 },
    ];
    const message = {
      type: MessageType.confirmable,
      code: Method.post,
      messageId: 7,
      token: Uint8Array.of(171),
    };
    network.inject(from, to, encodeMessage({ ...message, options, payload: Uint8Array.of(1, 2) }));
    network.inject(from, to, Uint8Array.of(0x40));
    network.inject(from, to, Uint8Array.of(22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0x1a, 2, 0, 0));
    assert.deepEqual(lines, [
      '     0.000 udp:10.0.0.1:1 > udp:10.0.0.2:2 CON POST mid=7 token=ab Uri-Path=rd Content-Format=40 | 0102',
      '     0.000 udp:10.0.0.1:1 > udp:10.0.0.2:2 malformed (too-short) 40',
      '     0.000 udp:10.0.0.1:1 > udp:10.0.0.2:2 record type=22 epoch=1 number=1a02 (13 bytes)',
    ]);
  });
});
