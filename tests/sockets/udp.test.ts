// The UDP shell on real sockets of the loopback interface.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { addDuration, type Instant, milliseconds, TransmissionError } from '@dunlin/base';
import type { Driven, OutgoingDatagram, Peer } from '@dunlin/coap';
import { addressToward, formatHostAndPort, normaliseAddress, now, systemRandom, udp } from '@dunlin/node';

import { until } from '../support/until.ts';

/** Answers what it hears with the same bytes, and remembers when it was woken. */
class Echo implements Driven {
  readonly heard: { readonly text: string; readonly from: Peer }[] = [];
  readonly wakes: Instant[] = [];
  deadline: Instant | undefined;
  readonly out: OutgoingDatagram[] = [];
  readonly #answers: boolean;

  constructor(answers = false) {
    this.#answers = answers;
  }

  handle(datagram: Uint8Array, peer: Peer): void {
    this.heard.push({ text: new TextDecoder().decode(datagram), from: peer });
    if (this.#answers) this.out.push({ peer, datagram: datagram.slice() });
  }

  wake(at: Instant): void {
    this.wakes.push(at);
    this.deadline = undefined;
  }

  poll(): OutgoingDatagram | undefined {
    return this.out.shift();
  }
}

describe('the address toward another machine', () => {
  it('is that from which this one reaches it, without anything being sent', async () => {
    assert.equal(await addressToward('127.0.0.1', 5683), '127.0.0.1');
    assert.equal(await addressToward('::1', 5683), '::1');
  });

  it('is none where there is no way', async () => {
    assert.equal(await addressToward('no address', 5683), undefined);
    // Documentation addresses are routed nowhere unless there is a default route.
    const outward = await addressToward('192.0.2.1', 5683);
    assert.ok(outward === undefined || /^\d+\.\d+\.\d+\.\d+$/.test(outward), outward);
  });
});

describe('a UDP binding', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`carries datagrams both ways over ${address}`, async () => {
      const near = new Echo();
      const far = new Echo(true);
      await using farShell = await udp({ port: 0, address }).open(far);
      await using nearShell = await udp({ port: 0, address }).open(near);
      assert.equal(farShell.local.uri, `coap://${formatHostAndPort(address, farShell.local.port)}`);
      near.out.push({
        peer: farShell.peer(address, farShell.local.port),
        datagram: new TextEncoder().encode('hello'),
      });
      nearShell.flush();
      await until(() => near.heard.length === 1);
      assert.equal(far.heard[0]?.from.key, `udp:${address}:${nearShell.local.port}`);
      assert.equal(near.heard[0]?.text, 'hello');
    });
  }

  it('shows IPv4 peers of a dual-stack socket by their IPv4 address', async () => {
    const near = new Echo();
    const far = new Echo(true);
    await using farShell = await udp({ port: 0, address: '::' }).open(far);
    await using nearShell = await udp({ port: 0, address: '127.0.0.1' }).open(near);
    near.out.push({
      peer: nearShell.peer('127.0.0.1', farShell.local.port),
      datagram: new TextEncoder().encode('hello'),
    });
    nearShell.flush();
    await until(() => near.heard.length === 1);
    assert.equal(far.heard[0]?.from.address, '127.0.0.1');
    assert.equal(normaliseAddress('::ffff:10.1.2.3'), '10.1.2.3');
    assert.equal(normaliseAddress('fe80::1%eth0'), 'fe80::1%eth0');
  });

  it('wakes the core at its deadline and not before', async () => {
    const core = new Echo();
    const start = now();
    core.deadline = addDuration(start, milliseconds(30));
    await using shell = await udp({ port: 0, address: '127.0.0.1' }).open(core);
    assert.ok(shell.local.port > 0);
    await until(() => core.wakes.length > 0);
    assert.ok((core.wakes[0] ?? 0) >= start + 30);
    assert.equal(core.wakes.length, 1);
  });

  it('arms its timer anew when a command brings an earlier deadline', async () => {
    const core = new Echo();
    core.deadline = addDuration(now(), milliseconds(3_600_000));
    await using shell = await udp({ port: 0, address: '127.0.0.1' }).open(core);
    core.deadline = addDuration(now(), milliseconds(20));
    shell.flush();
    await until(() => core.wakes.length === 1);
  });

  it('says in one line which port is in use', async () => {
    await using shell = await udp({ port: 0, address: '127.0.0.1' }).open(new Echo());
    const { port } = shell.local;
    await assert.rejects(udp({ port, address: '127.0.0.1' }).open(new Echo()), (error) => {
      assert.ok(error instanceof TransmissionError);
      assert.equal(error.code, 'not-sent');
      assert.equal(error.message, `cannot listen on UDP 127.0.0.1:${port}: the port is in use`);
      return true;
    });
  });

  it('moves to another port on rebinding and goes on', async () => {
    const near = new Echo();
    const far = new Echo(true);
    await using farShell = await udp({ port: 0, address: '127.0.0.1' }).open(far);
    await using nearShell = await udp({ port: 0, address: '127.0.0.1' }).open(near);
    const before = nearShell.local.port;
    await nearShell.rebind?.();
    assert.notEqual(nearShell.local.port, before);
    near.out.push({
      peer: farShell.peer('127.0.0.1', farShell.local.port),
      datagram: new TextEncoder().encode('moved'),
    });
    nearShell.flush();
    await until(() => near.heard.length === 1);
    assert.equal(far.heard[0]?.from.port, nearShell.local.port);
  });

  it('resolves names, and says which one it could not', async () => {
    await using shell = await udp({ port: 0, address: '127.0.0.1' }).open(new Echo());
    assert.equal((await shell.resolve('localhost', 5683)).key, 'udp:127.0.0.1:5683');
    await assert.rejects(
      shell.resolve('no-such-host.invalid', 5683),
      /no-such-host\.invalid does not resolve/,
    );
  });

  it('may be closed twice', async () => {
    const shell = await udp({ port: 0, address: '127.0.0.1' }).open(new Echo());
    await shell[Symbol.asyncDispose]();
    await shell[Symbol.asyncDispose]();
    shell.flush();
  });
});

describe('the system’s randomness', () => {
  it('never gives the same bytes twice', () => {
    const random = systemRandom();
    const seen = new Set(Array.from({ length: 2000 }, () => random.bytes(8).join()));
    assert.equal(seen.size, 2000);
    assert.equal(random.bytes(10_000).length, 10_000);
    for (let draw = 0; draw < 1000; draw += 1) {
      const fraction = random.fraction();
      assert.ok(fraction >= 0 && fraction < 1);
    }
  });
});
