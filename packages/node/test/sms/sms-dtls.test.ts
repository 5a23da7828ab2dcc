// DTLS over short messages, on a simulated message centre: what a handshake and a request cost, and what is told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type Instant, milliseconds, Secret, utf8Encode } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapOutput,
  type DeliveryFailure,
  type Driven,
  Method,
  type OutgoingDatagram,
  type Peer,
  ResponseCode,
  type Shell,
} from '@dunlin/coap';
import { pskCredential, isMalformed } from '@dunlin/dtls';
import {
  dtls,
  dtlsClient,
  type DtlsCredentials,
  type DtlsDiagnostic,
  sms,
  type SmsBinding,
  smsDtlsProtocol,
  type SmsOptions,
} from '@dunlin/node';
import { SimulatedMessageCentre, SimulatedNetwork } from '@dunlin/simulation';

const platform = '10690';
const device = '491700000001';
const key = utf8Encode('a key of sixteen');
const minute = 60_000;

const credentials: DtlsCredentials = {
  pskFor: (identity) =>
    Promise.resolve(identity === 'thing' ? { key: new Secret(key.slice()), credentialId: 'one' } : undefined),
  trusts: () => Promise.resolve(undefined),
};

/** A role that answers everything with 2.04 and keeps what it is told. */
class Role implements Driven {
  readonly told: string[] = [];
  readonly peers: Peer[] = [];
  #endpoint: CoapEndpoint | undefined;
  #shell: Shell | undefined;

  attach(shell: Shell): void {
    this.#shell = shell;
    this.#endpoint = new CoapEndpoint({ random: shell.random });
  }

  get shell(): Shell {
    assert.ok(this.#shell !== undefined);
    return this.#shell;
  }

  get endpoint(): CoapEndpoint {
    assert.ok(this.#endpoint !== undefined);
    return this.#endpoint;
  }

  ask(peer: Peer, payload = 10): void {
    const request = { method: Method.put, uriPath: ['3', '0', '15'], payload: new Uint8Array(payload) };
    this.endpoint.request(peer, request, this.shell.now());
    this.shell.flush();
  }

  get deadline(): Instant | undefined {
    return this.#endpoint?.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.peers.push(peer);
    this.endpoint.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.endpoint.wake(now);
  }

  undelivered(peer: Peer, datagram: Uint8Array, failure: DeliveryFailure, now: Instant): void {
    this.endpoint.undelivered(peer, datagram, failure, now);
  }

  peerLost(peer: Peer): void {
    this.told.push(`lost ${peer.key.slice(0, 5)}`);
  }

  poll(): OutgoingDatagram | undefined {
    for (;;) {
      const output = this.#endpoint?.poll();
      if (output === undefined || output.kind === 'transmit') return output;
      this.#take(output);
    }
  }

  #take(output: Exclude<CoapOutput, { kind: 'transmit' }>): void {
    if (output.kind === 'request') {
      this.told.push(`request of ${output.request.payload.length} bytes`);
      this.endpoint.respond(output.exchange, { code: ResponseCode.changed }, this.shell.now());
    } else if (output.kind === 'request-failed') {
      this.told.push(`${output.reason}: ${output.detail}`);
    } else this.told.push(output.kind);
  }
}

class Bench {
  readonly network = new SimulatedNetwork(1);
  readonly centre = new SimulatedMessageCentre(this.network, 1);
  readonly server = new Role();
  readonly client = new Role();
  readonly diagnostics: DtlsDiagnostic[] = [];
  readonly serverBinding: SmsBinding;
  readonly clientBinding: SmsBinding;
  readonly #identity: string;

  constructor(of: { readonly identity?: string; readonly server?: Partial<SmsOptions> } = {}) {
    this.#identity = of.identity ?? 'thing';
    this.serverBinding = this.#binding(platform, device, of.server);
    this.clientBinding = this.#binding(device, platform);
  }

  #binding(number: string, other: string, options: Partial<SmsOptions> = {}): SmsBinding {
    const carrier = this.centre.carrier(number);
    const { surroundings } = carrier;
    const budgets = { perSecond: 10 };
    return sms({ carrier, number, surroundings, isAllowed: (from) => from === other, budgets, ...options });
  }

  async open(): Promise<void> {
    const credential = pskCredential(this.#identity, key);
    assert.ok(!isMalformed(credential));
    const options = { port: 0, connectionIdLength: 'none', protocol: smsDtlsProtocol } as const;
    const server = dtls({
      ...options,
      carrier: this.serverBinding.records,
      credentials,
      onDiagnostic: (diagnostic) => this.diagnostics.push(diagnostic),
    });
    this.server.attach(await server.open(this.server));
    const client = dtlsClient({
      ...options,
      carrier: this.clientBinding.records,
      credentialFor: () => ({ credential }),
    });
    this.client.attach(await client.open(this.client));
    await this.network.run(milliseconds(1000));
  }

  async reach(): Promise<Peer> {
    const reached = this.client.shell.resolve(platform, 0);
    reached.catch(() => undefined);
    await this.network.run(milliseconds(5 * minute));
    return await reached;
  }

  async run(duration: number): Promise<void> {
    await this.network.run(milliseconds(duration));
  }

  /** How many short messages went since this was asked last, and the longest of them. */
  cost(): readonly [count: number, longest: number] {
    const carried = this.centre.carried.splice(0);
    return [carried.length, Math.max(0, ...carried.map(({ message }) => message.userData.length))];
  }
}

describe('R-753: DTLS over short messages', () => {
  it('makes a handshake in 6 short messages, none of them concatenated', async () => {
    const bench = new Bench();
    await bench.open();
    const peer = await bench.reach();
    const [count, longest] = bench.cost();
    assert.equal(count, 6);
    assert.ok(longest <= 140);
    assert.deepEqual([peer.transport, peer.address], ['sms', platform]);
    assert.equal(bench.server.shell.local.uri, `coaps+sms://${platform}`);
  });

  it('resumes its session in 6 short messages, the two of the cookie included', async () => {
    const bench = new Bench();
    await bench.open();
    bench.client.shell.disconnect?.(await bench.reach());
    await bench.run(5 * minute);
    bench.cost();
    const peer = await bench.reach();
    assert.equal(peer.association?.isResumed, true);
    assert.equal(bench.cost()[0], 6);
  });

  it('asks and answers in two short messages, 29 bytes longer than without', async () => {
    const bench = new Bench();
    await bench.open();
    const peer = await bench.reach();
    bench.cost();
    bench.client.ask(peer, 70);
    await bench.run(minute);
    const [count, longest] = bench.cost();
    assert.equal(count, 2);
    assert.deepEqual([bench.server.told, bench.client.told], [['request of 70 bytes'], ['response']]);
    assert.equal(longest, 29 + 4 + 8 + 7 + 1 + 70);
    assert.deepEqual(bench.server.peers[0]?.security, { kind: 'psk', identity: 'thing' });
  });

  it('lets the side that answers ask whom it knows by the number', async () => {
    const bench = new Bench();
    await bench.open();
    await bench.reach();
    const peer = bench.server.shell.securedPeer?.(device, 0);
    assert.ok(peer !== undefined);
    assert.equal(bench.server.shell.securedPeer?.('491799999999', 0), undefined);
    bench.server.ask(peer);
    await bench.run(minute);
    assert.deepEqual(bench.client.told, ['request of 10 bytes']);
  });

  it('says which requests did not arrive, though records are all that it saw', async () => {
    const bench = new Bench({ server: { budgets: { perDevicePerDay: 0 } } });
    await bench.open();
    await bench.reach();
    const peer = bench.server.shell.securedPeer?.(device, 0);
    assert.ok(peer !== undefined);
    bench.server.ask(peer);
    await bench.run(1000);
    const reason = `it takes 1 short message, and of the budget for the number ${device}, 0 in 24 hours, 0 are left`;
    assert.deepEqual(bench.server.told, [`not-sent: ${reason}`]);
  });

  it('counts records by what is in them', async () => {
    const bench = new Bench();
    await bench.open();
    const peer = await bench.reach();
    bench.client.ask(peer);
    await bench.run(minute);
    const { sent } = bench.clientBinding.statistics;
    assert.deepEqual([sent.handshake.accepted, sent.request.accepted, sent.response.accepted], [3, 1, 0]);
    assert.equal(bench.serverBinding.statistics.sent.response.accepted, 1);
  });

  it('takes no message without protection', async () => {
    const bench = new Bench();
    await bench.open();
    for (const hex of [0x40, 0x60]) bench.centre.inject(device, platform, Uint8Array.of(hex, 2, 0, 1));
    await bench.run(minute);
    assert.deepEqual([bench.server.told, bench.server.peers.length, bench.cost()[0]], [[], 0, 0]);
  });

  it('refuses an identity that it does not know, with a handful of short messages', async () => {
    const bench = new Bench({ identity: 'stranger' });
    await bench.open();
    await assert.rejects(bench.reach());
    assert.ok(bench.cost()[0] <= 8);
    assert.equal(bench.server.peers.length, 0);
  });

  it('sends a flight again once and a minute later when the other side is off', async () => {
    const bench = new Bench();
    await bench.open();
    bench.centre.setConditions({ loss: 1 });
    await assert.rejects(bench.reach(), { code: 'no-answer' });
    const sentAt = bench.centre.carried.map(({ at }) => at);
    assert.equal(sentAt.length, 2);
    const wait = (sentAt[1] ?? 0) - (sentAt[0] ?? 0);
    assert.ok(wait >= 60_000 && wait <= 66_000, String(wait));
  });

  it('passes over forged records without an answer', async () => {
    const bench = new Bench();
    await bench.open();
    await bench.reach();
    bench.cost();
    for (let index = 0; index < 1000; index += 1) {
      const record = new Uint8Array(60).fill(index);
      record.set([23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, index >> 8, index & 0xff, 0, 47]);
      bench.centre.inject(device, platform, record);
    }
    await bench.run(minute);
    assert.equal(bench.cost()[0], 0);
  });
});
