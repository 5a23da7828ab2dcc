import { utf8Encode } from '@dunlin/base';

import {
  certificateCredential,
  type Credential,
  pskCredential,
  rawPublicKeyCredential,
} from '../../src/credentials/credential.ts';
import { parseTrustAnchor } from '../../src/credentials/certificate-path.ts';
import type { PeerTrust } from '../../src/credentials/peer-trust.ts';
import { isRefusal } from '../../src/credentials/refusal.ts';
import { type CipherSuite, cipherSuites } from '../../src/crypto/cipher-suite.ts';
import type { ConnectOptions, DtlsEndpointOptions } from '../../src/dtls-endpoint-options.ts';
import { CertificateType } from '../../src/wire/extension/certificate-types.ts';
import {
  authority,
  clientAuth,
  dnsName,
  extendedKeyUsage,
  issue,
  keyUsage,
  makeKeys,
  serverAuth,
  subjectAltName,
} from './certificate-authority.ts';
import { wellFormed } from './codec.ts';
import { addressOf, Party, type PartyAnswers, randomOf, World } from './party.ts';

/** A suite together with a kind of credential: what a handshake can be of. */
export interface Mode {
  readonly name: string;
  readonly suite: CipherSuite;
  readonly server: Pick<DtlsEndpointOptions, 'credentials' | 'trust' | 'suites'>;
  readonly client: ConnectOptions;
  /** Who the server takes the client for. */
  readonly identity: 'psk' | 'raw-public-key' | 'certificate';
}

/** The key of the only identity that servers know in tests. */
export const sharedKey: Uint8Array = utf8Encode('0123456789abcdef');

/** The only identity that servers know. */
export const knownIdentity = 'urn:dev:ops:32473-thermometer-42';

const root = authority('Root');
const serverKeys = makeKeys();
const clientKeys = makeKeys('secp384r1');

const serverCertificate = issue(
  {
    subject: 'server.example',
    keys: serverKeys,
    extensions: [keyUsage(0), extendedKeyUsage(serverAuth), subjectAltName(dnsName('server.example'))],
  },
  root,
);
const clientCertificate = issue(
  { subject: 'device', keys: clientKeys, extensions: [keyUsage(0), extendedKeyUsage(clientAuth)] },
  root,
);

const trustsRoot: PeerTrust = {
  kind: 'trust-anchor-assertion',
  anchors: [parseTrustAnchor(root.certificate)].flatMap((anchor) => (isRefusal(anchor) ? [] : [anchor])),
};

/** The credential of a client with the key that servers know, or with another one. */
export function keyCredential(key: Uint8Array = sharedKey, identity: string = knownIdentity): Credential {
  return wellFormed(pskCredential(identity, key));
}

const rawServer = wellFormed(rawPublicKeyCredential(serverKeys.privateKey));
const rawClient = wellFormed(rawPublicKeyCredential(makeKeys().privateKey));

/** Every suite with every kind of credential it can have. */
export const modes: readonly Mode[] = cipherSuites.flatMap((suite): readonly Mode[] => {
  const suites = [suite];
  if (suite.keyExchange !== 'ecdhe-ecdsa') {
    return [
      {
        name: suite.name,
        suite,
        server: { suites, credentials: { preSharedKeys: {} } },
        client: { credential: keyCredential() },
        identity: 'psk',
      },
    ];
  }
  return [
    {
      name: `${suite.name} with raw public keys`,
      suite,
      server: {
        suites,
        credentials: { rawPublicKey: rawServer, clientCertificateTypes: [CertificateType.rawPublicKey] },
        trust: { kind: 'raw-public-key', publicKeys: [rawClient.publicKey] },
      },
      client: {
        credential: rawClient,
        trust: { kind: 'raw-public-key', publicKeys: [rawServer.publicKey] },
      },
      identity: 'raw-public-key',
    },
    {
      name: `${suite.name} with certificates`,
      suite,
      server: {
        suites,
        credentials: {
          certificate: wellFormed(
            certificateCredential(serverKeys.privateKey, [serverCertificate.certificate]),
          ),
        },
        trust: trustsRoot,
      },
      client: {
        credential: wellFormed(certificateCredential(clientKeys.privateKey, [clientCertificate.certificate])),
        serverName: 'server.example',
        trust: trustsRoot,
      },
      identity: 'certificate',
    },
  ];
});

/** The mode of a suite; that with raw public keys where there are two. */
export function modeOf(name: string): Mode {
  const mode = modes.find((candidate) => candidate.name.startsWith(name));
  if (mode === undefined) throw new Error(`There is no mode ${name}.`);
  return mode;
}

/** Answers of a server that knows one identity and lets all sessions be resumed. */
export const serverAnswers: PartyAnswers = {
  psk: ({ identity }) =>
    identity === knownIdentity ? { key: sharedKey, credentialId: 'thermometer' } : undefined,
  trust: () => ({ kind: 'trusted', credentialId: 'thermometer' }),
};

/** A server and a client that can handshake in a mode. */
export interface Pair {
  readonly world: World;
  readonly server: Party;
  readonly client: Party;
}

/** Makes the two parties of a mode and joins them. */
export function pairOf(
  mode: Mode,
  seed: number,
  options: {
    readonly server?: Partial<DtlsEndpointOptions>;
    readonly client?: Partial<DtlsEndpointOptions>;
    readonly answers?: PartyAnswers;
  } = {},
): Pair {
  const server = new Party(
    addressOf('192.0.2.1', 5684),
    { random: randomOf(seed * 2 + 1), role: 'server', ...mode.server, ...options.server },
    options.answers ?? serverAnswers,
  );
  const client = new Party(
    addressOf('198.51.100.7', 40_000),
    { random: randomOf(seed * 2 + 2), role: 'client', suites: [mode.suite], ...options.client },
    { trust: () => ({ kind: 'trusted', credentialId: 'default' }) },
  );
  return { world: new World(server, client), server, client };
}
