import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { ServerIdentityDocument } from '@dunlin/api';
import { base64Encode, type Signal } from '@dunlin/base';
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
import { FollowedFiles } from './followed-files.ts';

/** What the server proves itself with to devices that do not use a pre-shared key. */
export interface ServerIdentity {
  readonly rawPublicKey: RawPublicKeyCredential;
  /** Of the same key pair; only when a file was named. */
  readonly certificate?: CertificateCredential | undefined;
}

export interface ServerIdentityFiles {
  /** Whose key it is, for the log: `the server`. */
  readonly name: string;
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
export async function loadServerIdentity(files: ServerIdentityFiles, log: Logger): Promise<FollowedIdentity> {
  const { folder, name, keyName = 'server-key.pem', keyFile, certificateFile } = files;
  const keyPath = keyFile ?? join(folder, keyName);
  if (keyFile === undefined) await makeKeyIfNone(keyPath);
  const followed = await FollowedFiles.open({
    name: certificateFile === undefined ? `key of ${name}` : `certificate of ${name}`,
    paths: certificateFile === undefined ? [keyPath] : [keyPath, certificateFile],
    contentOf: ([key = none, certificate = none]) => identityOf(files, { keyPath, key, certificate }),
    log,
  });
  if (await canOthersRead(keyPath)) {
    log.warn({ file: keyPath }, 'the private key of the server can be read by others than its owner');
  }
  // One of the server's own making is nobody else's to change.
  if (keyFile !== undefined) followed.follow();
  return new FollowedIdentity(followed);
}

const none = new Uint8Array();

function identityOf(
  { certificateFile }: ServerIdentityFiles,
  files: { readonly keyPath: string; readonly key: Uint8Array; readonly certificate: Uint8Array },
): ServerIdentity {
  const { keyPath } = files;
  const privateKey = usable(parsePrivateKey(files.key), keyPath);
  const rawPublicKey = usable(rawPublicKeyCredential(privateKey), keyPath);
  if (certificateFile === undefined) return { rawPublicKey };
  const chain = usable(readCertificates(files.certificate), certificateFile);
  return { rawPublicKey, certificate: usable(certificateCredential(privateKey, chain), certificateFile) };
}

/**
 * The identity of a server whose files may change: it is always the newest that made sense, and whoever has it is to ask it
 * each time.
 */
export class FollowedIdentity implements ServerIdentity, Disposable {
  readonly #files: FollowedFiles<ServerIdentity>;

  constructor(files: FollowedFiles<ServerIdentity>) {
    this.#files = files;
  }

  get rawPublicKey(): RawPublicKeyCredential {
    return this.#files.content.rawPublicKey;
  }

  get certificate(): CertificateCredential | undefined {
    return this.#files.content.certificate;
  }

  /** Tells what it has become. */
  get renewed(): Signal<ServerIdentity> {
    return this.#files.renewed;
  }

  /** The files it is of. */
  get files(): FollowedFiles<ServerIdentity> {
    return this.#files;
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
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
async function makeKeyIfNone(path: string): Promise<void> {
  if (existsSync(path)) return;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(pem);
    await file.sync();
  } catch (error) {
    throw failure(path, `cannot be written (${codeOf(error)})`, error);
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
