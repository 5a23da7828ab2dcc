import { createPublicKey } from 'node:crypto';

import { hexDecode, Secret } from '@dunlin/base';
import type { ServerAccount } from '@dunlin/client';
import { isMalformed, type Malformed, parsePrivateKey, readCertificates, readPublicKey } from '@dunlin/dtls';

import { ExitCode } from '../program/exit-code.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { ProgramError } from '../program/program-error.ts';
import { readNamedFile, readNamedText } from '../program/read-named-file.ts';

/** How the channel of a simulated device is secured. */
export type ClientSecurity = NonNullable<ServerAccount['security']>;

/** The flags of `dunlin client` that secure it. */
export interface ClientSecurityFlags {
  readonly pskIdentity?: string;
  readonly pskKey?: string;
  readonly pskKeyFile?: string;
  readonly publicKey?: string;
  readonly certificate?: string;
  readonly privateKey?: string;
  readonly serverPublicKey?: string;
  readonly serverCertificate?: string;
}

/** What the flags of each mode are called on the command line. */
const flagNames: Readonly<Record<keyof ClientSecurityFlags, string>> = {
  pskIdentity: '--psk-identity',
  pskKey: '--psk-key',
  pskKeyFile: '--psk-key-file',
  publicKey: '--public-key',
  certificate: '--certificate',
  privateKey: '--private-key',
  serverPublicKey: '--server-public-key',
  serverCertificate: '--server-certificate',
};

/** The security that the flags ask for; `none` when there are none of them. The identity of a key is `endpoint` unless it is said. */
export async function clientSecurity(
  context: ProgramContext,
  endpoint: string,
  flags: ClientSecurityFlags,
): Promise<ClientSecurity> {
  const { pskKey, pskKeyFile, serverPublicKey, serverCertificate } = flags;
  if (pskKey !== undefined || pskKeyFile !== undefined) {
    refuseOthers(flags, ['pskIdentity', pskKey === undefined ? 'pskKeyFile' : 'pskKey']);
    return { mode: 'psk', identity: flags.pskIdentity ?? endpoint, key: await preSharedKey(context, flags) };
  }
  if (serverPublicKey !== undefined) {
    refuseOthers(flags, ['publicKey', 'privateKey', 'serverPublicKey']);
    return await rawPublicKeys(context, { ...flags, serverPublicKey });
  }
  if (serverCertificate !== undefined) {
    refuseOthers(flags, ['certificate', 'privateKey', 'serverCertificate']);
    return await certificates(context, { ...flags, serverCertificate });
  }
  const [stray] = givenFlags(flags);
  if (stray !== undefined) {
    throw usage(
      `${flagNames[stray]} is not enough: give --psk-key or --psk-key-file, or --private-key with ` +
        '--server-public-key or with --certificate and --server-certificate',
    );
  }
  return { mode: 'none' };
}

async function preSharedKey(
  context: ProgramContext,
  { pskKey, pskKeyFile = '' }: ClientSecurityFlags,
): Promise<Secret> {
  const text = pskKey ?? (await readNamedText(context, pskKeyFile));
  const bytes = hexDecode(text);
  if (bytes === undefined || bytes.length === 0) {
    throw usage('the pre-shared key must be an even number of hexadecimal digits and nothing else');
  }
  return new Secret(bytes);
}

async function rawPublicKeys(
  context: ProgramContext,
  flags: ClientSecurityFlags & { readonly serverPublicKey: string },
): Promise<ClientSecurity> {
  const { key, publicKey: derived } = await privateKeyFrom(context, flags);
  const { publicKey: own, serverPublicKey: server } = flags;
  return {
    mode: 'raw-public-key',
    publicKey: own === undefined ? derived : usable(readPublicKey(await readNamedFile(context, own)), own),
    privateKey: key,
    serverPublicKey: usable(readPublicKey(await readNamedFile(context, server)), server),
  };
}

async function certificates(
  context: ProgramContext,
  flags: ClientSecurityFlags & { readonly serverCertificate: string },
): Promise<ClientSecurity> {
  const { certificate, serverCertificate } = flags;
  if (certificate === undefined) throw usage('--server-certificate needs --certificate: the device’s own');
  const { key } = await privateKeyFrom(context, flags);
  return {
    mode: 'certificate',
    certificate: await firstCertificate(context, certificate),
    privateKey: key,
    serverCertificate: await firstCertificate(context, serverCertificate),
  };
}

/** The private key as DER, as `/0/x/5` has it (1.0 E.1), and the public key that belongs to it. */
async function privateKeyFrom(
  context: ProgramContext,
  { privateKey: name }: ClientSecurityFlags,
): Promise<{ readonly key: Secret; readonly publicKey: Uint8Array }> {
  if (name === undefined) throw usage('--private-key is missing: the device’s own');
  const key = usable(parsePrivateKey(await readNamedFile(context, name)), name);
  return {
    key: new Secret(Uint8Array.from(key.export({ format: 'der', type: 'pkcs8' }))),
    publicKey: Uint8Array.from(createPublicKey(key).export({ format: 'der', type: 'spki' })),
  };
}

/** LwM2M 1.0 has room for one certificate, and compares that one. */
async function firstCertificate(context: ProgramContext, name: string): Promise<Uint8Array> {
  const [first = new Uint8Array()] = usable(readCertificates(await readNamedFile(context, name)), name);
  return first;
}

function refuseOthers(flags: ClientSecurityFlags, wanted: readonly (keyof ClientSecurityFlags)[]): void {
  const stray = givenFlags(flags).find((name) => !wanted.includes(name));
  if (stray === undefined) return;
  throw usage(`${flagNames[stray]} does not go with ${flagNames[wanted.at(-1) ?? stray]}`);
}

function givenFlags(flags: ClientSecurityFlags): readonly (keyof ClientSecurityFlags)[] {
  const names: readonly (keyof ClientSecurityFlags)[] = [
    'pskIdentity',
    'pskKey',
    'pskKeyFile',
    'publicKey',
    'certificate',
    'privateKey',
    'serverPublicKey',
    'serverCertificate',
  ];
  return names.filter((name) => flags[name] !== undefined);
}

function usable<T>(result: T | Malformed, name: string): T {
  if (isMalformed(result)) throw usage(`${name}: ${result.reason}`);
  return result;
}

function usage(message: string): ProgramError {
  return new ProgramError(ExitCode.usage, message);
}
