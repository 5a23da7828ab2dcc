import { randomBytes } from 'node:crypto';

import type { CredentialAdded, CredentialInput } from '@dunlin/api';
import { base64Encode, hexEncode } from '@dunlin/base';
import type { Command } from 'commander';

import { ExitCode } from '../../program/exit-code.ts';
import type { ProgramContext } from '../../program/program-context.ts';
import { ProgramError } from '../../program/program-error.ts';
import { readNamedFile, readNamedLine } from '../../program/read-named-file.ts';
import { type ApiCommandOptions, apiCommand, apiOf, print } from '../api-command.ts';
import type { CredentialCommandScope } from '../credential-command-scope.ts';
import { credentialName } from '../credential-text.ts';
import { printable } from '../table.ts';

interface AddOptions extends ApiCommandOptions {
  readonly pskIdentity?: string;
  readonly pskKey?: string;
  readonly pskKeyFile?: string;
  readonly pskGenerate?: boolean;
  readonly publicKey?: string;
  readonly certificate?: string;
  readonly trust?: string;
  readonly everyEndpoint?: boolean;
}

/** Bytes of a generated key: what every suite is made for, and what small devices have room for. */
const generatedKeyLength = 16;

/** `dunlin credentials add ENDPOINT …`. */
export function addCredentialCommand(context: ProgramContext, scope: CredentialCommandScope): Command {
  return apiCommand('add', 'let a device prove itself with a key or certificate')
    .usage(
      '<endpoint> [--psk-identity <id>] (--psk-key <hex> | --psk-key-file <file> | --psk-generate)\n' +
        `       ${scope.command} add <endpoint> (--public-key | --certificate | --trust) <file>\n` +
        `       ${scope.command} add --every-endpoint --trust <file>`,
    )
    .argument('[endpoint]', 'the endpoint name of the device')
    .option('--psk-identity <id>', 'the identity of a pre-shared key; default the endpoint name')
    .option(
      '--psk-key <hex>',
      'the pre-shared key; others on this machine may see it, and your shell keeps it',
    )
    .option(
      '--psk-key-file <file>',
      'the pre-shared key in hexadecimal digits in a file; - for standard input',
    )
    .option('--psk-generate', 'make a pre-shared key, and print it this once')
    .option('--public-key <file>', 'the device’s raw public key, PEM or DER')
    .option('--certificate <file>', 'the device’s own certificate, PEM or DER')
    .option('--trust <file>', 'an authority whose certificates count that name the endpoint, PEM or DER')
    .option('--every-endpoint', 'with --trust: for every endpoint that a certificate names')
    .action(async (endpoint: string | undefined, options: AddOptions) => {
      const input = await inputFrom(context, endpoint, options);
      const calls = scope.callsOf(apiOf(context, options));
      const added = await calls.addCredential(input, { signal: context.interrupted });
      const generated = options.pskGenerate === true && input.kind === 'psk' ? { key: input.key } : {};
      for (const warning of added.warnings) await context.stderr.write(`warning: ${printable(warning)}\n`);
      await print(context, options, {
        json: { ...added, ...generated },
        text: () => addedText(added, generated.key, scope),
      });
    });
}

function addedText(
  { credential, replaced }: CredentialAdded,
  key: string | undefined,
  scope: CredentialCommandScope,
): string {
  const { id, endpoint } = credential;
  const instead = replaced === null ? '' : ` in place of ${replaced}`;
  const whose = endpoint === null ? 'every endpoint' : printable(endpoint);
  return [
    `added credential ${id} of ${whose}${instead}: ${printable(credentialName(credential))}`,
    ...(key === undefined
      ? []
      : [`key ${key}`, 'This is the only time the key is shown: put it into the device now.']),
    endpoint === null ? scope.othersMayComePlainly : scope.mustComeSecurely(whose),
    '',
  ].join('\n');
}

async function inputFrom(
  context: ProgramContext,
  endpoint: string | undefined,
  options: AddOptions,
): Promise<CredentialInput> {
  const { pskKey, pskKeyFile, pskGenerate, publicKey, certificate, trust } = options;
  const ways = [pskKey, pskKeyFile, pskGenerate, publicKey, certificate, trust];
  if (ways.filter((way) => way !== undefined).length !== 1) {
    throw usage(
      'give one of --psk-key, --psk-key-file, --psk-generate, --public-key, --certificate and --trust',
    );
  }
  if (trust !== undefined) {
    return {
      kind: 'trust-anchor',
      endpoint: anchored(endpoint, options),
      certificate: await derOrPem(context, trust),
    };
  }
  if (options.everyEndpoint === true) throw usage('--every-endpoint is for --trust only');
  if (endpoint === undefined) throw usage('the endpoint name is missing');
  if (publicKey !== undefined) {
    return { kind: 'raw-public-key', endpoint, publicKey: await derOrPem(context, publicKey) };
  }
  if (certificate !== undefined) {
    return { kind: 'certificate', endpoint, certificate: await derOrPem(context, certificate) };
  }
  return {
    kind: 'psk',
    endpoint,
    identity: options.pskIdentity ?? endpoint,
    key: await keyFrom(context, options),
  };
}

function anchored(endpoint: string | undefined, { everyEndpoint = false }: AddOptions): string | null {
  if (everyEndpoint && endpoint !== undefined)
    throw usage('give an endpoint name or --every-endpoint, not both');
  if (!everyEndpoint && endpoint === undefined) {
    throw usage('the endpoint name is missing; --every-endpoint lets the authority vouch for all');
  }
  return endpoint ?? null;
}

async function keyFrom(context: ProgramContext, options: AddOptions): Promise<string> {
  const { pskKey, pskKeyFile } = options;
  if (pskKey !== undefined) return pskKey;
  if (pskKeyFile === undefined) return hexEncode(randomBytes(generatedKeyLength));
  const line = await readNamedLine(context, pskKeyFile);
  if (line === undefined) throw usage('--psk-key-file -: standard input is empty');
  return line;
}

/** PEM as it is, DER in base64: what the interface takes. */
async function derOrPem(context: ProgramContext, name: string): Promise<string> {
  const bytes = await readNamedFile(context, name);
  const text = new TextDecoder().decode(bytes);
  return text.includes('-----BEGIN') ? text : base64Encode(bytes);
}

function usage(message: string): ProgramError {
  return new ProgramError(ExitCode.usage, message);
}
