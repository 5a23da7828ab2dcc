// Runs the enabler tests against a device or a server by its address: `npm run conformance -- --help`.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { hexDecode, Secret, utf8Encode } from '@dunlin/base';
import type { Binding } from '@dunlin/coap';
import { isMalformed, pskCredential } from '@dunlin/dtls';
import { dtls, dtlsClient, udp } from '@dunlin/node';

import { clientCases } from './client-cases/client-cases.ts';
import { serverCases } from './server-cases/server-cases.ts';
import { BootstrapUnderTest } from './support/bootstrap-under-test.ts';
import { type CaseResult, type ConformanceCase, runCases } from './support/conformance-case.ts';
import { DeviceUnderTest } from './support/device-under-test.ts';
import { realPace } from './support/pace.ts';
import { reportLine, summaryLine } from './support/report.ts';
import { type Operation, type Operator, ServerUnderTest } from './support/server-under-test.ts';

const help = `Runs the OMA enabler tests of LwM2M 1.0 against a device or a server.

  npm run conformance -- --client coap://ADDRESS:PORT    listens there; let the device register with it
  npm run conformance -- --server coap://HOST:PORT       registers there as a device

  --bootstrap coap://ADDRESS:PORT   be the device's bootstrap server there first (with --client)
  --reachable HOST                  the address that the device reaches this machine by; default that of --client
  --psk-identity ID --psk-key HEX   for coaps:// in place of coap://
  --endpoint NAME                   the endpoint name to register as (with --server); default conformance
  --operator COMMAND                makes the server carry out an operation (with --server): it is run with the endpoint
                                    name, the operation (read, write, execute, discover, create, delete, attributes,
                                    observe), the path, and the value where there is one
  --firmware FILE                   an image that the device takes and installs (with --client)
  --bad-firmware RESULT=FILE        an image that the device must come to this Update Result with: 2 too large, 3 too
                                    large for its memory, 5 corrupt, 6 of another type, 8 fails to install; may be given
                                    several times (with --client)
  --wait SECONDS                    how long to wait for the device; default 300
  --only ID[,ID…]                   these cases alone, such as 1.0-int-101
  --json                            the report as JSON

The exit code is 0 when no case failed, 1 when one did, and 2 when the tests could not be run.
`;

interface Address {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
}

const values = flags();

const tell = (result: CaseResult): void => {
  if (!values.json) console.log(reportLine(result));
};

try {
  process.exitCode = values.help ? (console.log(help), 0) : await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}

/** The command line; whatever is wrong with it ends the program with one line. */
function flags(): ReturnType<typeof parsed> {
  try {
    return parsed();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}

function parsed() {
  return parseArgs({
    options: {
      client: { type: 'string' },
      server: { type: 'string' },
      bootstrap: { type: 'string' },
      reachable: { type: 'string' },
      'psk-identity': { type: 'string' },
      'psk-key': { type: 'string' },
      endpoint: { type: 'string', default: 'conformance' },
      operator: { type: 'string' },
      firmware: { type: 'string' },
      'bad-firmware': { type: 'string', multiple: true, default: [] },
      wait: { type: 'string', default: '300' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

async function main(): Promise<number> {
  const { client, server } = values;
  if ((client === undefined) === (server === undefined)) {
    throw new Error('Say what to test: --client URI or --server URI. --help tells more.');
  }
  const results =
    client === undefined ? await testServer(addressOf(server ?? '')) : await testClient(addressOf(client));
  if (values.json) console.log(JSON.stringify({ results }, undefined, 2));
  console.log(summaryLine(results));
  return results.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
}

async function testClient(address: Address): Promise<readonly CaseResult[]> {
  const patience = Number(values.wait);
  const images = { good: await imageOf(values.firmware), bad: await badImages() };
  await using device = new DeviceUnderTest(realPace, () => reachableBase(address, device));
  await device.open(listening(address));
  const { port } = device.party.shell.local;
  const bootstrapped = values.bootstrap === undefined ? [] : await bootstrap(address, port, patience);
  if (!values.json) console.error(`waiting for a device at ${device.party.shell.local.uri} …`);
  await device.registered(patience);
  return [...bootstrapped, ...(await runCases(chosen(clientCases(images)), device, tell))];
}

/** What the device reaches this runner by, where that can be known. */
function reachableBase({ isSecure, host }: Address, device: DeviceUnderTest): string | undefined {
  const reachable = values.reachable ?? (/^(0\.0\.0\.0|::)$/.test(host) ? undefined : host);
  if (reachable === undefined) return undefined;
  const { port } = device.party.shell.local;
  const literal = reachable.includes(':') ? `[${reachable}]` : reachable;
  return `${isSecure ? 'coaps' : 'coap'}://${literal}:${port}`;
}

async function imageOf(file: string | undefined): Promise<Uint8Array | undefined> {
  return file === undefined ? undefined : new Uint8Array(await readFile(file));
}

async function badImages(): Promise<ReadonlyMap<number, Uint8Array>> {
  const images = new Map<number, Uint8Array>();
  for (const given of values['bad-firmware']) {
    const [, result, file = ''] = /^([23568])=(.+)$/.exec(given) ?? [];
    if (result === undefined)
      throw new Error(`--bad-firmware takes RESULT=FILE with a result of 2, 3, 5, 6 or 8, not ${given}.`);
    images.set(Number(result), new Uint8Array(await readFile(file)));
  }
  return images;
}

/** ETS 0, with this runner as the Server that the device is told of. */
async function bootstrap(address: Address, port: number, patience: number): Promise<readonly CaseResult[]> {
  await using subject = new BootstrapUnderTest(realPace);
  await subject.open(listening(addressOf(values.bootstrap ?? '')));
  if (!values.json) console.error(`waiting for a device at ${subject.party.shell.local.uri} …`);
  const host = values.reachable ?? address.host;
  const uri = `${address.isSecure ? 'coaps' : 'coap'}://${host}:${port}`;
  const psk = address.isSecure ? { identity: utf8Encode(identity()), key: key().reveal() } : undefined;
  const cases: readonly ConformanceCase<BootstrapUnderTest>[] = [
    {
      id: '1.0-int-0',
      title: 'Client Initiated Bootstrap',
      run: (it) => it.bootstrap({ uri, psk }, patience),
    },
  ];
  return await runCases(cases, subject, tell);
}

async function testServer(address: Address): Promise<readonly CaseResult[]> {
  await using server = new ServerUnderTest(realPace, values.endpoint, operator());
  await server.open(reaching(address), address.host, address.port);
  return await runCases(chosen(serverCases), server, tell);
}

function chosen<Subject>(cases: readonly ConformanceCase<Subject>[]): readonly ConformanceCase<Subject>[] {
  const only = values.only?.split(',');
  if (only === undefined) return cases;
  const unknown = only.find((id) => !cases.some((each) => each.id === id));
  if (unknown !== undefined) throw new Error(`There is no case ${unknown} for this side.`);
  return cases.filter(({ id }) => only.includes(id));
}

function addressOf(text: string): Address {
  const url = URL.parse(text);
  const defaults: Readonly<Record<string, number>> = { 'coap:': 5683, 'coaps:': 5684 };
  const port = defaults[url?.protocol ?? ''];
  if (url === null || port === undefined || url.hostname === '') {
    throw new Error(
      `An address is of the form coap://HOST:PORT or coaps://HOST:PORT, not ${JSON.stringify(text)}.`,
    );
  }
  return {
    isSecure: url.protocol === 'coaps:',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? port : Number(url.port),
  };
}

function listening({ isSecure, host, port }: Address): Binding {
  if (!isSecure) return udp({ address: host, port });
  const shared = key();
  return dtls({
    address: host,
    port,
    credentials: {
      pskFor: (id) =>
        Promise.resolve(
          id === identity() ? { credentialId: id, key: new Secret(shared.reveal().slice()) } : undefined,
        ),
      trusts: () => Promise.resolve(undefined),
    },
  });
}

function reaching({ isSecure, host }: Address): Binding {
  const local = { port: 0, address: host.includes(':') ? '::' : '0.0.0.0' };
  if (!isSecure) return udp(local);
  const credential = pskCredential(identity(), key().reveal());
  if (isMalformed(credential)) throw new Error(credential.reason);
  return dtlsClient({ ...local, credentialFor: () => ({ credential }) });
}

function identity(): string {
  const given = values['psk-identity'];
  if (given === undefined) throw new Error('coaps:// takes --psk-identity ID and --psk-key HEX.');
  return given;
}

function key(): Secret {
  const bytes = hexDecode(values['psk-key'] ?? '');
  if (bytes === undefined || bytes.length === 0) throw new Error('--psk-key takes hexadecimal digits.');
  return new Secret(bytes);
}

/** Runs the command of `--operator`; it fails where the command does. */
function operator(): Operator | undefined {
  const command = values.operator;
  if (command === undefined) return undefined;
  return (endpointName, operation) =>
    new Promise((resolve, reject) => {
      const args = [endpointName, operation.name, operation.path, ...valueOf(operation)];
      const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 30_000 });
      child.on('error', reject);
      child.on('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`${command} ${args.join(' ')} ended with ${code}`));
      });
    });
}

function valueOf(operation: Operation): readonly string[] {
  return 'value' in operation ? [operation.value] : [];
}
