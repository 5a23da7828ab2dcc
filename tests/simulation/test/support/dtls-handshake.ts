import assert from 'node:assert/strict';

import type { Random } from '@dunlin/base';
import type { ConnectOptions, DtlsEndpointOptions } from '@dunlin/dtls';

import { type Mode, type Pair, pairOf } from '../../../../packages/dtls/test/support/modes.ts';
import {
  type Flying,
  lastEstablished,
  type OutputOf,
  type Party,
  type Path,
  sendText,
} from '../../../../packages/dtls/test/support/party.ts';

/** All retransmissions of one handshake take less. */
const longEnough = 130_000;

/** The most datagrams both sides together may send in a handshake, by the length of datagrams: nobody multiplies them. */
const maxDatagrams = (maxDatagramLength: number): number => (maxDatagramLength < 512 ? 400 : 150);

/** What a handshake is made with besides its mode. */
export interface Circumstances {
  readonly mode: Mode;
  readonly isResumed: boolean;
  readonly maxDatagramLength: number;
  /** How long the connection ids are that each side wants; `undefined`: it knows nothing of them. */
  readonly connectionIds: Readonly<Record<'server' | 'client', number | undefined>>;
  readonly seed: number;
}

/** As most handshakes are. */
export function usual(mode: Mode, isResumed: boolean): Circumstances {
  const connectionIds = { server: undefined, client: undefined };
  return { mode, isResumed, maxDatagramLength: 1200, connectionIds, seed: 5 };
}

/** A pair that is about to make a handshake. */
export interface Prepared extends Pair {
  readonly circumstances: Circumstances;
  readonly connect: ConnectOptions;
}

/** Makes a pair, and with it a session to resume when that is asked for. */
export function prepare(circumstances: Circumstances): Prepared {
  const { mode, isResumed, maxDatagramLength, connectionIds, seed } = circumstances;
  const optionsOf = (length: number | undefined): Partial<DtlsEndpointOptions> => ({
    flight: { maxDatagramLength },
    logsKeys: true,
    ...(length === undefined ? {} : { connectionId: { length } }),
  });
  const pair = pairOf(mode, seed, {
    server: optionsOf(connectionIds.server),
    client: optionsOf(connectionIds.client),
  });
  if (!isResumed) return { ...pair, circumstances, connect: mode.client };
  pair.client.endpoint.connect(pair.server.address, mode.client, pair.world.now);
  pair.world.run(3000);
  const session = lastEstablished(pair.client)?.session;
  assert.ok(session);
  pair.world.sent.length = 0;
  pair.client.outputs.length = 0;
  pair.server.outputs.length = 0;
  return { ...pair, circumstances, connect: { ...mode.client, resume: session } };
}

/**
 * Lets a handshake run over a path and checks what must hold whatever the path does: it ends, in bounds; nobody trusts
 * a peer that did not prove itself; both sides agree on everything, and data goes both ways, when both have completed
 * it. Says whether they have.
 */
export function assertSound(prepared: Prepared, path: Path, name: string): boolean {
  const { world, server, client, connect, circumstances } = prepared;
  world.path = path;
  const id = client.endpoint.connect(server.address, connect, world.now);
  world.run(longEnough);
  const most = maxDatagrams(circumstances.maxDatagramLength);
  assert.ok(world.sent.length <= most, `${name}: ${world.sent.length} datagrams`);
  assert.deepEqual([client.endpoint.handshakes, server.endpoint.handshakes], [0, 0], name);
  world.path = (flying) => [flying];
  const own = lastEstablished(client);
  const made = lastEstablished(server);
  const ends = client.all('established').length + client.all('failed').length;
  assert.equal(ends, 1, `${name}: the client ends in one way`);
  // Whoever sends the last flight cannot know that it came through; the other one knows.
  const isClientLast = own?.isResumed ?? made?.isResumed ?? false;
  const [first, last] = isClientLast ? [own, made] : [made, own];
  if (last !== undefined) assert.ok(first, `${name}: no half of an association`);
  if (own === undefined || made === undefined) return false;
  assertAgreed(prepared, own, made, name);
  assert.equal(sendText(world, client, id, 'up'), 'sent', name);
  assert.equal(sendText(world, server, made.association, 'down'), 'sent', name);
  world.run(2000);
  assert.deepEqual([server.texts().at(-1), client.texts().at(-1)], ['up', 'down'], name);
  return true;
}

function assertAgreed(
  { server, client, circumstances }: Prepared,
  own: OutputOf<'established'>,
  made: OutputOf<'established'>,
  name: string,
): void {
  const { mode } = circumstances;
  assert.deepEqual([own.suite, made.suite], [mode.suite.name, mode.suite.name], name);
  assert.equal(own.isResumed, made.isResumed, name);
  assert.equal(made.peer.kind, mode.identity, name);
  assert.deepEqual(made.ownConnectionId, own.peerConnectionId, name);
  assert.deepEqual(made.peerConnectionId, own.ownConnectionId, name);
  assert.equal(keyLogOf(client), keyLogOf(server), `${name}: one master secret`);
}

function keyLogOf(party: Party): string | undefined {
  return party.all('key-log').at(-1)?.line;
}

/** The flights of an undisturbed handshake: the index of the first datagram of each, and how many it has. */
export function flightsOf(
  circumstances: Circumstances,
): readonly (readonly [first: number, count: number])[] {
  const { world, client, server, connect } = prepare(circumstances);
  client.endpoint.connect(server.address, connect, world.now);
  world.run(900);
  const flights: [number, number][] = [];
  for (const [index, { from }] of world.sent.entries()) {
    const flight = flights.at(-1);
    if (flight === undefined || world.sent[index - 1]?.from !== from) flights.push([index, 1]);
    else flight[1] += 1;
  }
  return flights;
}

/** A path on which all that networks do to datagrams happens, as often as drawn. */
export function roughPath({ world }: Pair, random: Random): Path {
  const loss = random.fraction() * 0.5;
  const duplication = random.fraction() * 0.3;
  const delay = random.fraction() < 0.2 ? 5000 : 200;
  const corruption = random.fraction() < 0.3 ? 0.2 : 0;
  return (flying) => {
    if (random.fraction() < loss) return [];
    if (random.fraction() < duplication) world.put(flying, random.fraction() * 3000);
    if (random.fraction() < corruption) return [corrupted(flying, random)];
    if (random.fraction() < 0.3) {
      world.put(flying, random.fraction() * delay);
      return [];
    }
    return [flying];
  };
}

/** One byte is another, or the end is missing. */
function corrupted({ from, to, datagram }: Flying, random: Random): Flying {
  const at = Math.floor(random.fraction() * datagram.length);
  if (random.fraction() < 0.2) return { from, to, datagram: datagram.subarray(0, at) };
  const changed = datagram.slice();
  changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(random.fraction() * 8));
  return { from, to, datagram: changed };
}
