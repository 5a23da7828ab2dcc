import { hexDecode, instantFrom, noBytes, Secret } from '@dunlin/base';
import fc from 'fast-check';

import type { PeerIdentity } from '../../src/credentials/peer-identity.ts';
import { cipherSuites, findCipherSuite } from '../../src/crypto/cipher-suite.ts';
import type { ReplayWindowState } from '../../src/record-layer/replay-window.ts';
import type { SavedAssociation } from '../../src/saved-association.ts';
import type { Session } from '../../src/session.ts';
import { byteStrings, plain, uint16, uint48 } from './arbitraries.ts';

const suite = findCipherSuite(0xc0a8);

/** A session of a device with a pre-shared key, with whatever else is given. */
export function makeSession(changes: Readonly<Partial<Session>> = {}): Session {
  if (suite === undefined) throw new Error('The suite is not there.');
  return {
    id: new Uint8Array(32).fill(0x51),
    suite,
    masterSecret: new Secret(new Uint8Array(48).fill(0xa5)),
    hasExtendedMasterSecret: true,
    serverName: undefined,
    maxFragmentLength: undefined,
    peer: { kind: 'psk', identity: 'dev1' },
    credentialId: 'psk:dev1',
    establishedAt: instantFrom(1_000_000),
    ...changes,
  };
}

/** An association of such a device with a server, with whatever else is given. */
export function makeAssociation(changes: Readonly<Partial<SavedAssociation>> = {}): SavedAssociation {
  return {
    associationId: 'association-1',
    role: 'server',
    peerAddress: { address: '192.0.2.1', port: 50_000 },
    session: makeSession(),
    clientRandom: new Uint8Array(32).fill(1),
    serverRandom: new Uint8Array(32).fill(2),
    readEpoch: 1,
    writeEpoch: 1,
    nextWriteSequenceNumber: 17,
    replayWindow: { newest: 12, recent: 0x1fff, older: 0 },
    ownConnectionId: hexDecode('c0ffee01') ?? noBytes,
    peerConnectionId: noBytes,
    maxReceivedContent: 16_384,
    maxSentContent: 1024,
    lastActiveAt: instantFrom(2_000_000),
    ...changes,
  };
}

const texts = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ minLength: 1, maxLength, unit: 'binary' }).filter((text) => text.isWellFormed());

const identities: fc.Arbitrary<PeerIdentity> = fc.oneof(
  fc.record({ kind: fc.constant('psk' as const), identity: texts(40) }, plain),
  fc.record({ kind: fc.constant('raw-public-key' as const), publicKey: byteStrings(1, 120) }, plain),
  fc.record({ kind: fc.constant('certificate' as const), certificate: byteStrings(1, 900) }, plain),
);

const windows: fc.Arbitrary<ReplayWindowState> = fc.oneof(
  fc.constant({ newest: -1, recent: 0, older: 0 }),
  fc.record(
    {
      newest: uint48,
      recent: fc.nat(0x7fffffff).map((bits) => (bits * 2 + 1) >>> 0),
      older: fc.nat(0xffffffff),
    },
    plain,
  ),
);

const instants = uint48.map((value) => instantFrom(value));

const sessions: fc.Arbitrary<Session> = fc.record(
  {
    id: byteStrings(0, 32),
    suite: fc.constantFrom(...cipherSuites),
    masterSecret: byteStrings(48, 48).map((bytes) => new Secret(bytes)),
    hasExtendedMasterSecret: fc.boolean(),
    serverName: fc.option(texts(30), { nil: undefined }),
    maxFragmentLength: fc.constantFrom(undefined, 512, 1024, 2048, 4096),
    peer: identities,
    credentialId: fc.oneof(fc.constant(''), texts(300)),
    establishedAt: instants,
  },
  plain,
);

/** Any association that can be. */
export const savedAssociations: fc.Arbitrary<SavedAssociation> = fc.record(
  {
    associationId: texts(15),
    role: fc.constantFrom('client' as const, 'server' as const),
    peerAddress: fc.record(
      {
        address: fc.constantFrom('192.0.2.7', '2001:db8::1', 'fe80::1%eth0'),
        port: fc.integer({ min: 1, max: 65_535 }),
      },
      plain,
    ),
    session: sessions,
    clientRandom: byteStrings(32, 32),
    serverRandom: byteStrings(32, 32),
    readEpoch: fc.constantFrom(1, 2, 65_535),
    writeEpoch: uint16.map((epoch) => Math.max(1, epoch)),
    nextWriteSequenceNumber: fc.oneof(uint48, fc.constant(2 ** 48)),
    replayWindow: windows,
    ownConnectionId: byteStrings(0, 20),
    peerConnectionId: byteStrings(0, 255),
    maxReceivedContent: fc.integer({ min: 64, max: 16_384 }),
    maxSentContent: fc.integer({ min: 64, max: 16_384 }),
    lastActiveAt: instants,
  },
  plain,
);

/** The same with what secrets hide made visible, to be compared. */
export function revealed(association: SavedAssociation): unknown {
  return {
    ...association,
    session: { ...association.session, masterSecret: association.session.masterSecret.reveal() },
  };
}
