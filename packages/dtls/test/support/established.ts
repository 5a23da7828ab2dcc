import assert from 'node:assert/strict';

import type { AssociationId } from '../../src/association-id.ts';
import { type Mode, type Pair, pairOf } from './modes.ts';
import { lastEstablished, type OutputOf } from './party.ts';

/** A pair whose handshake is complete. */
export interface EstablishedPair extends Pair {
  readonly serverSide: OutputOf<'established'>;
  readonly clientSide: OutputOf<'established'>;
  /** The association as the client and as the server know it. */
  readonly own: AssociationId;
  readonly made: AssociationId;
}

/** Makes a pair and lets it complete a full handshake. */
export function establishedPair(
  mode: Mode,
  seed: number,
  options?: Parameters<typeof pairOf>[2],
): EstablishedPair {
  const pair = pairOf(mode, seed, options);
  const own = pair.client.endpoint.connect(pair.server.address, mode.client, pair.world.now);
  pair.world.run(3000);
  const serverSide = lastEstablished(pair.server);
  const clientSide = lastEstablished(pair.client);
  assert.ok(serverSide !== undefined && clientSide !== undefined);
  pair.world.sent.length = 0;
  return { ...pair, serverSide, clientSide, own, made: serverSide.association };
}
