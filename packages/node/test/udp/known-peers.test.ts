import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KnownPeers } from '../../src/udp/known-peers.ts';

test('gives the same peer for the same source, and another for each other one', () => {
  const peers = new KnownPeers();
  const sources = [
    ['192.0.2.1', 5683],
    ['192.0.2.2', 5683],
    ['192.0.2.3', 5683],
    ['192.0.2.1', 40_000],
    ['2001:db8::1', 40_000],
  ] as const;
  const first = sources.map(([address, port]) => peers.at(address, port));
  assert.deepEqual(
    first.map(({ key, address, port }) => ({ key, address, port })),
    sources.map(([address, port]) => ({ key: `udp:${address}:${port}`, address, port })),
  );
  for (const [index, [address, port]] of sources.entries())
    assert.equal(peers.at(address, port), first[index]);
});

test('takes an IPv4 address on a dual-stack socket for what it is', () => {
  const peers = new KnownPeers();
  const mapped = peers.at('::ffff:192.0.2.1', 5683);
  assert.equal(mapped.key, 'udp:192.0.2.1:5683');
  assert.equal(peers.at('::ffff:192.0.2.1', 5683), mapped);
  assert.equal(peers.at('192.0.2.1', 5683).key, mapped.key);
  assert.equal(peers.at('::ffff:192.0.2.1', 5683), mapped);
});

test('remembers no more than its limit, and starts anew beyond it', () => {
  const peers = new KnownPeers(3);
  const first = [1, 2, 3].map((port) => peers.at('192.0.2.1', port));
  assert.equal(peers.at('192.0.2.1', 2), first[1]);
  const fourth = peers.at('192.0.2.2', 2);
  assert.notEqual(peers.at('192.0.2.1', 2), first[1]);
  assert.equal(peers.at('192.0.2.1', 2).key, first[1]?.key);
  assert.equal(peers.at('192.0.2.2', 2), fourth);
});
