import { randomBytes } from 'node:crypto';

import {
  type AccountSecurityInput,
  type BootstrapDocument,
  type BootstrapInput,
  parseJson,
} from '@dunlin/api';
import { hexEncode } from '@dunlin/base';
import type { BindingMode } from '@dunlin/lwm2m';
import type { Command } from 'commander';

import { ExitCode } from '../../program/exit-code.ts';
import type { ProgramContext } from '../../program/program-context.ts';
import { ProgramError } from '../../program/program-error.ts';
import { readNamedFile, readNamedLine } from '../../program/read-named-file.ts';
import { type ApiCommandOptions, apiCommand, apiOf, print, wholeNumber } from '../api-command.ts';
import { bindingFrom } from '../binding-mode.ts';
import { bootstrapTarget } from '../bootstrap-target.ts';
import { targetText } from '../bootstrap-text.ts';
import { printable } from '../table.ts';

interface SetOptions extends ApiCommandOptions {
  readonly pattern?: string;
  readonly file?: string;
  readonly to?: readonly string[];
  readonly lifetime?: number;
  readonly binding?: BindingMode;
  readonly pskGenerate?: boolean;
  readonly rpkGenerate?: boolean;
  readonly pskIdentity?: string;
  readonly pskKeyFile?: string;
  readonly bootstrapPskIdentity?: string;
  readonly bootstrapPskKeyFile?: string;
  readonly bootstrapPskGenerate?: boolean;
  readonly allowKeysWithoutSecurity?: boolean;
}

/** Bytes of a generated key: what every suite is made for, and what small devices have room for. */
const generatedKeyLength = 16;

/** `dunlin bootstrap set ENDPOINT …`. */
export function setBootstrapCommand(context: ProgramContext): Command {
  return apiCommand('set', 'set what a device is given in a bootstrap')
    .usage(
      '<endpoint> --to <uri> [--psk-generate] [--bootstrap-psk-generate]\n' +
        '       dunlin bootstrap set <endpoint> --file <file>\n' +
        '       dunlin bootstrap set --pattern <pattern> …',
    )
    .argument('[endpoint]', 'the endpoint name of the device')
    .option('--pattern <pattern>', 'for all endpoints whose names fit, such as "lamp-*"')
    .option('--file <file>', 'the whole configuration as JSON; - for standard input')
    .option(
      '--to <uri>',
      'a server to register with: coaps://host or coap://host; may be given several times',
      another,
    )
    .option('--lifetime <seconds>', 'the lifetime of the registration; default 86400', wholeNumber)
    .option('--binding <mode>', 'the binding mode: U (the default), UQ, S, SQ, US or UQS', bindingFrom)
    .option('--psk-generate', 'a new pre-shared key for each bootstrap, which this server knows')
    .option('--rpk-generate', 'a new raw public key for each bootstrap, which this server knows')
    .option('--psk-key-file <file>', 'a pre-shared key in hexadecimal digits in a file; - for standard input')
    .option('--psk-identity <id>', 'with --psk-key-file: its identity; default the endpoint name')
    .option('--bootstrap-psk-generate', 'make a key for the Bootstrap-Server itself, and print it this once')
    .option('--bootstrap-psk-key-file <file>', 'the key that the device has for the Bootstrap-Server')
    .option('--bootstrap-psk-identity <id>', 'the identity of that; default the endpoint name')
    .option('--allow-keys-without-security', 'give keys over plain CoAP, to anybody who says that he is it')
    .action(async (endpoint: string | undefined, options: SetOptions) => {
      const target = bootstrapTarget(endpoint, options.pattern);
      const input = await inputFrom(context, endpoint, options);
      const key = await bootstrapKey(context, endpoint, options);
      const { bootstrap } = apiOf(context, options);
      const signal = context.interrupted;
      const configuration = await bootstrap.setConfiguration(target, input, { signal });
      if (key !== undefined) await bootstrap.addCredential({ kind: 'psk', ...key }, { signal });
      const generated = options.bootstrapPskGenerate === true && key !== undefined ? key : undefined;
      await print(context, options, {
        json: { configuration, ...(generated && { bootstrapKey: generated.key }) },
        text: () =>
          doneText(configuration, generated) +
          (key === undefined && givesKeys(configuration) ? securelyOnly(endpoint) : ''),
      });
    });
}

function another(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

async function inputFrom(
  context: ProgramContext,
  endpoint: string | undefined,
  options: SetOptions,
): Promise<BootstrapInput> {
  const { file, to, lifetime, binding, allowKeysWithoutSecurity } = options;
  if ((file === undefined) === (to === undefined)) throw usage('give --to, or --file');
  if (file !== undefined) {
    for (const [name, value] of Object.entries({
      ...ofAccounts(options),
      lifetime,
      binding,
      allowKeysWithoutSecurity,
    })) {
      if (value !== undefined) throw usage(`--${kebab(name)} is for --to; the file says it all`);
    }
    return await documentIn(context, file);
  }
  const security = await securityFrom(context, endpoint, options);
  const uris = to ?? [];
  return {
    servers: uris.map((uri, index) => ({
      uri,
      shortServerId: index + 1,
      ...(lifetime === undefined ? {} : { lifetime }),
      ...(binding === undefined ? {} : { bindingMode: binding }),
      ...(security === undefined ? {} : { security }),
    })),
    ...(uris.length > 1 ? { accessControl: 'shared' } : {}),
    ...(allowKeysWithoutSecurity === undefined ? {} : { allowKeysWithoutSecurity }),
  };
}

/** Options that say something about the accounts of `--to`. */
function ofAccounts({
  pskGenerate,
  rpkGenerate,
  pskKeyFile,
  pskIdentity,
}: SetOptions): Readonly<Record<string, unknown>> {
  return { pskGenerate, rpkGenerate, pskKeyFile, pskIdentity };
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The server checks it, and says what is wrong in which member. */
async function documentIn(context: ProgramContext, name: string): Promise<BootstrapInput> {
  const text =
    name === '-'
      ? await standardInput(context)
      : new TextDecoder().decode(await readNamedFile(context, name));
  const where = name === '-' ? 'standard input' : name;
  const document = parseJson(text);
  if (document.kind === 'failure') throw usage(`${where} is no JSON: ${document.reason}`);
  if (!isObject(document.value)) throw usage(`${where} must hold an object such as {"servers": […]}`);
  return document.value;
}

/** What is in it is the server's to judge, which knows more. */
function isObject(value: unknown): value is BootstrapInput {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function securityFrom(
  context: ProgramContext,
  endpoint: string | undefined,
  options: SetOptions,
): Promise<AccountSecurityInput | undefined> {
  const { pskGenerate, rpkGenerate, pskKeyFile, pskIdentity, to = [] } = options;
  const ways = [pskGenerate, rpkGenerate, pskKeyFile].filter((way) => way !== undefined);
  if (ways.length > 1) throw usage('give one of --psk-generate, --rpk-generate and --psk-key-file');
  if (pskIdentity !== undefined && pskKeyFile === undefined)
    throw usage('--psk-identity is for --psk-key-file');
  if (ways.length === 0) {
    if (!to.some((uri) => /^coaps:/i.test(uri))) return undefined;
    throw usage(
      'a coaps server needs --psk-generate, --rpk-generate or --psk-key-file; --file has certificates',
    );
  }
  if (pskGenerate === true) return { kind: 'issued', proof: 'psk' };
  if (rpkGenerate === true) return { kind: 'issued', proof: 'raw-public-key' };
  const identity = pskIdentity ?? endpoint;
  if (identity === undefined) {
    throw usage('all devices of a pattern would have one key: use --psk-generate, which makes one for each');
  }
  return { kind: 'psk', identity, key: await keyIn(context, '--psk-key-file', pskKeyFile ?? '') };
}

/** What the device proves itself with at the Bootstrap-Server, when that is said. */
async function bootstrapKey(
  context: ProgramContext,
  endpoint: string | undefined,
  { bootstrapPskKeyFile, bootstrapPskGenerate, bootstrapPskIdentity }: SetOptions,
): Promise<{ readonly endpoint: string; readonly identity: string; readonly key: string } | undefined> {
  if (bootstrapPskKeyFile === undefined && bootstrapPskGenerate === undefined) {
    if (bootstrapPskIdentity === undefined) return undefined;
    throw usage('--bootstrap-psk-identity needs --bootstrap-psk-key-file or --bootstrap-psk-generate');
  }
  if (bootstrapPskKeyFile !== undefined && bootstrapPskGenerate !== undefined) {
    throw usage('give one of --bootstrap-psk-key-file and --bootstrap-psk-generate');
  }
  if (endpoint === undefined)
    throw usage('a key for the Bootstrap-Server is that of one endpoint: give its name');
  const key =
    bootstrapPskKeyFile === undefined
      ? hexEncode(randomBytes(generatedKeyLength))
      : await keyIn(context, '--bootstrap-psk-key-file', bootstrapPskKeyFile);
  return { endpoint, identity: bootstrapPskIdentity ?? endpoint, key };
}

async function keyIn(context: ProgramContext, flag: string, name: string): Promise<string> {
  const line = await readNamedLine(context, name);
  if (line === undefined) throw usage(`${flag} -: standard input is empty`);
  return line;
}

async function standardInput(context: ProgramContext): Promise<string> {
  const lines: string[] = [];
  for await (const line of context.stdin) lines.push(line);
  return lines.join('\n');
}

function doneText(
  { target, servers }: BootstrapDocument,
  generated: { readonly identity: string; readonly key: string } | undefined,
): string {
  const name = printable(targetText(target));
  const whom = 'endpoint' in target ? name : `endpoints like ${name}`;
  const where = servers.map(({ uri }) => printable(uri)).join(' and ');
  return [
    `set the bootstrap of ${whom}${where === '' ? '' : `: to ${where}`}`,
    ...(generated === undefined
      ? []
      : [
          `key ${generated.key} for PSK identity ${printable(generated.identity)} at the Bootstrap-Server`,
          'This is the only time the key is shown: put it into the device now.',
        ]),
    '',
  ].join('\n');
}

/** Whether a device must prove itself to get all of it. */
function givesKeys({ servers, bootstrapServer, allowKeysWithoutSecurity }: BootstrapDocument): boolean {
  const accounts = [...servers, ...(bootstrapServer === undefined ? [] : [bootstrapServer])];
  const isSecured = accounts.some(({ security }) => security !== undefined && security.kind !== 'none');
  return isSecured && allowKeysWithoutSecurity !== true;
}

function securelyOnly(endpoint: string | undefined): string {
  const example = `dunlin bootstrap credentials add ${endpoint === undefined ? '…' : printable(endpoint)}`;
  return `Its keys are given over DTLS only: let the device prove itself to the Bootstrap-Server (${example}).\n`;
}

function usage(message: string): ProgramError {
  return new ProgramError(ExitCode.usage, message);
}
