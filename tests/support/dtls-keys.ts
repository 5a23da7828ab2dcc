import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { hexEncode, noBytes, Secret, utf8Encode } from '@dunlin/base';
import {
  certificateCredential,
  type CertificateCredential,
  isMalformed,
  isRefusal,
  judgePeer,
  type Malformed,
  parsePrivateKey,
  parseTrustAnchor,
  type PeerTrust,
  pskCredential,
  rawPublicKeyCredential,
  type RawPublicKeyCredential,
  readCertificates,
  readPublicKey,
  type Refusal,
} from '@dunlin/dtls';
import { type ClientCredential, type DtlsCredentials, now } from '@dunlin/node';

import { run } from './program.ts';

/** The pre-shared key of the tests, in the forms that peers want it in. */
export const psk = { identity: 'dev1', key: 'secretPSK', hex: hexEncode(utf8Encode('secretPSK')) } as const;

/** What our client shows with a pre-shared key. */
export function pskOf(identity: string = psk.identity, key: string = psk.key): ClientCredential {
  return { credential: sound(pskCredential(identity, utf8Encode(key))) };
}

/** What our server knows: the one pre-shared key. */
export function pskOnly(): DtlsCredentials {
  return {
    pskFor: (identity) =>
      Promise.resolve(identity === psk.identity ? { key: keyBytes(), credentialId: identity } : undefined),
    trusts: () => Promise.resolve(undefined),
  };
}

/** A key pair as files for peers, and as credentials of ours. */
export interface KeyPairFiles {
  /** PEM files: the private key, its public key and its certificate. */
  readonly keyFile: string;
  readonly publicKeyFile: string;
  readonly certificateFile: string;
  readonly certificate: CertificateCredential;
  readonly rawPublicKey: RawPublicKeyCredential;
}

/** An authority, a server called localhost and a client called dev1, as files of `openssl`. */
export interface Certification {
  readonly authorityFile: string;
  readonly server: KeyPairFiles;
  readonly client: KeyPairFiles;
  /** Trusts what the authority has certified. */
  readonly trust: PeerTrust;
}

/** Makes them in a folder. */
export async function certify(folder: string): Promise<Certification> {
  await openssl(folder, 'ecparam -name prime256v1 -genkey -noout -out ca.key');
  await openssl(
    folder,
    `req -x509 -new -key ca.key -sha256 -days 30 -subj /CN=authority -out ca.pem
     -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign`,
  );
  const authorityFile = join(folder, 'ca.pem');
  const [anchor = noBytes] = sound(readCertificates(readFileSync(authorityFile)));
  return {
    authorityFile,
    server: await certifyOne(folder, 'server', 'DNS:localhost,IP:127.0.0.1'),
    client: await certifyOne(folder, 'client', 'URI:urn:dev:ops:dev1'),
    trust: { kind: 'trust-anchor-assertion', anchors: [sound(parseTrustAnchor(anchor))] },
  };
}

/** What our server shows and trusts: its own key both ways, and clients by `trust`. */
export function trusting(own: KeyPairFiles, trust: PeerTrust): DtlsCredentials {
  const { certificate, rawPublicKey } = own;
  return {
    own: { certificate, rawPublicKey },
    pskFor: () => Promise.resolve(undefined),
    trusts: (evidence) => {
      if (evidence.kind === 'session') return Promise.resolve({ credentialId: evidence.credentialId });
      const judged = judgePeer(evidence.certificate, trust, { now: now(), role: 'client' });
      return Promise.resolve(isRefusal(judged) ? judged : { credentialId: 'trusted' });
    },
  };
}

/** Trusts one raw public key. */
export function trustIn({ rawPublicKey }: KeyPairFiles): PeerTrust {
  return { kind: 'raw-public-key', publicKeys: [rawPublicKey.publicKey] };
}

function keyBytes(): Secret {
  return new Secret(utf8Encode(psk.key));
}

async function certifyOne(folder: string, name: string, names: string): Promise<KeyPairFiles> {
  const file = (extension: string): string => join(folder, `${name}.${extension}`);
  writeFileSync(file('extensions'), `subjectAltName=${names}\nkeyUsage=critical,digitalSignature\n`);
  await openssl(folder, `ecparam -name prime256v1 -genkey -noout -out ${name}.key`);
  await openssl(folder, `ec -in ${name}.key -pubout -out ${name}.pub`);
  await openssl(folder, `req -new -key ${name}.key -subj /CN=${name} -out ${name}.request`);
  await openssl(
    folder,
    `x509 -req -in ${name}.request -CA ca.pem -CAkey ca.key -CAcreateserial -sha256 -days 30
     -extfile ${name}.extensions -out ${name}.pem`,
  );
  const privateKey = sound(parsePrivateKey(readFileSync(file('key'))));
  // With the authority, which need not be there, the chain is too long for small datagrams.
  const files = [file('pem'), join(folder, 'ca.pem')];
  const chain = files.flatMap((path) => sound(readCertificates(readFileSync(path))));
  const publicKey = sound(readPublicKey(readFileSync(file('pub'))));
  return {
    keyFile: file('key'),
    publicKeyFile: file('pub'),
    certificateFile: file('pem'),
    certificate: sound(certificateCredential(privateKey, chain)),
    rawPublicKey: sound(rawPublicKeyCredential(privateKey, publicKey)),
  };
}

/** Runs it in the folder with arguments that are separated by spaces. */
async function openssl(folder: string, args: string): Promise<void> {
  const { exitCode, stderr } = await run(['openssl', ...args.split(/\s+/)], { cwd: folder });
  if (exitCode !== 0) throw new Error(`openssl ${args} ended with ${exitCode}: ${stderr}`);
}

function sound<Value>(value: Value | Malformed | Refusal): Value {
  if (isMalformed(value) || isRefusal(value)) throw new Error(value.reason);
  return value;
}
