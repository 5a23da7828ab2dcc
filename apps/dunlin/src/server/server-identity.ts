import { generateKeyPairSync } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { ServerIdentityDocument } from '@dunlin/api';
import { base64Encode } from '@dunlin/base';
import {
  type CertificateCredential,
  certificateCredential,
  isMalformed,
  type Malformed,
  parsePrivateKey,
  type RawPublicKeyCredential,
  rawPublicKeyCredential,
  readCertificates,
} from '@dunlin/dtls';
import type { LocalAddress } from '@dunlin/server';
import type { Logger } from 'pino';

import { certificateFacts } from '../http/certificate-facts.ts';
import { fingerprint } from '../http/identity-text.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

/** What the server proves itself with to devices that do not use a pre-shared key. */
export interface ServerIdentity {
  readonly rawPublicKey: RawPublicKeyCredential;
  /** Of the same key pair; only when a file was named. */
  readonly certificate?: CertificateCredential;
}

export interface ServerIdentityFiles {
  /** The data folder. */
  readonly folder: string;
  /** What the key of the server's own making is called there; default `server-key.pem`. */
  readonly keyName?: string;
  /** The private key; `undefined` for one of the server's own making in the data folder. */
  readonly keyFile: string | undefined;
  /** The certificate of that key and those above it. */
  readonly certificateFile: string | undefined;
}

/** Loads the server's key pair and certificate; without a file of a key it makes a key pair, once. */
export async function loadServerIdentity(files: ServerIdentityFiles, log: Logger): Promise<ServerIdentity> {
  const { folder, keyName = 'server-key.pem', keyFile, certificateFile } = files;
  const path = keyFile ?? join(folder, keyName);
  const bytes = keyFile === undefined ? await readOrMakeKey(path) : await readNamed(path);
  if (await canOthersRead(path)) {
    log.warn({ file: path }, 'the private key of the server can be read by others than its owner');
  }
  const privateKey = usable(parsePrivateKey(bytes), path);
  const rawPublicKey = usable(rawPublicKeyCredential(privateKey), path);
  if (certificateFile === undefined) return { rawPublicKey };
  const chain = usable(readCertificates(await readNamed(certificateFile)), certificateFile);
  return { rawPublicKey, certificate: usable(certificateCredential(privateKey, chain), certificateFile) };
}

/** What devices have to know of the server, and where they find it. */
export function identityDocument(
  { rawPublicKey: { publicKey }, certificate }: ServerIdentity,
  coaps: readonly LocalAddress[],
): ServerIdentityDocument {
  const [own] = certificate?.chain ?? [];
  return {
    coaps: coaps.map(({ uri }) => uri),
    publicKey: base64Encode(publicKey),
    publicKeyFingerprint: fingerprint(publicKey),
    certificate: (own && certificateFacts(own)) ?? null,
  };
}

/** A key on P-256, which every suite of LwM2M has (1.0 §7.1.8), only for its owner to read. */
async function readOrMakeKey(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw failure(path, `cannot be read (${codeOf(error)})`, error);
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(pem);
    await file.sync();
  } catch (error) {
    throw failure(path, `cannot be written (${codeOf(error)})`, error);
  }
  return new TextEncoder().encode(pem.toString());
}

async function readNamed(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const reason = codeOf(error) === 'ENOENT' ? 'there is no such file' : `cannot be read (${codeOf(error)})`;
    throw failure(path, reason, error);
  }
}

async function canOthersRead(path: string): Promise<boolean> {
  // Permission bits say nothing on Windows.
  return process.platform !== 'win32' && ((await stat(path)).mode & 0o007) !== 0;
}

function usable<T>(result: T | Malformed, path: string): T {
  if (isMalformed(result)) throw failure(path, result.reason);
  return result;
}

function failure(path: string, reason: string, cause?: unknown): ProgramError {
  return new ProgramError(ExitCode.failure, `${path}: ${reason}`, cause === undefined ? {} : { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
