// Wireshark’s dissectors, with the keys, read what our DTLS bindings say to each other: they decrypt every record by
// their own code, those with connection ids (RFC 9146) too, and verify it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { milliseconds } from '@dunlin/base';
import { Method, ResponseCode, type Shell } from '@dunlin/coap';
import { type CipherSuite, cipherSuites } from '@dunlin/dtls';
import {
  type ClientCredential,
  dtls,
  dtlsClient,
  type DtlsClientOptions,
  type DtlsCredentials,
  keyLogFile,
} from '@dunlin/node';

import { CoapRole } from '../support/coap-role.ts';
import { type Certification, certify, psk, pskOf, pskOnly, trusting } from '../support/dtls-keys.ts';
import { TemporaryFolder } from '../support/dunlin-server.ts';
import { freePort } from '../support/free-port.ts';
import { capture } from '../support/packet-capture.ts';
import { skipWithout } from '../support/peer-program.ts';
import { run } from '../support/program.ts';

const skip = skipWithout('tshark', 'openssl');

/** Debian’s version does not know the suites of RFC 8442, which are ECDHE_PSK with CCM_8 and with GCM. */
const suites = cipherSuites.filter(
  ({ keyExchange, recordCipher }) => keyExchange !== 'ecdhe-psk' || recordCipher === 'aes-128-cbc-sha256',
);

/** The lengths of the client’s connection ids; the server’s have 8 bytes, unless there are to be none. */
const connectionIdLengths = ['none', 0, 5] as const;

/** Nothing is sent twice, however busy the machine is: nothing is lost here. */
const patience = milliseconds(20_000);
const flight = { initialTimeout: patience };

describe('Wireshark’s dissectors and our DTLS', { skip }, () => {
  let folder: TemporaryFolder;
  let port: number;
  /** The paths that were asked for, in their order. */
  const asked: string[] = [];

  const dissect = async (keys: readonly string[], ...args: readonly string[]): Promise<string> => {
    const decodeAs = ['-d', `udp.port==${port},dtls`, '-d', `dtls.port==${port},coap`];
    const captured = ['-r', join(folder.path, 'capture.pcapng')];
    const { exitCode, stdout, stderr } = await run(['tshark', ...captured, ...decodeAs, ...keys, ...args]);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  };
  const keyLog = (): readonly string[] => ['-o', `tls.keylog_file:${join(folder.path, 'keys')}`];
  const pathsRead = ['-Y', 'coap.opt.uri_path', '-T', 'fields', '-e', 'coap.opt.uri_path_recon'];

  before(async () => {
    folder = new TemporaryFolder();
    const certification = await certify(folder.path);
    port = await freePort();
    await capture(port, join(folder.path, 'capture.pcapng'), async () => {
      asked.push(...(await converse(port, certification, join(folder.path, 'keys'))));
    });
  });

  after(() => folder[Symbol.dispose]());

  it('decrypt every request and response, from changed addresses and after resumptions too', async () => {
    const read = await dissect(keyLog(), ...pathsRead);
    assert.deepEqual(read.trim().split('\n'), asked);
    const answers = await dissect(keyLog(), '-Y', 'coap.code == 69', '-T', 'fields', '-e', 'frame.number');
    assert.equal(answers.trim().split('\n').length, asked.length);
  });

  it('decrypt with the pre-shared key alone where there is no other secret', async () => {
    const read = await dissect(['-o', `dtls.psk:${psk.hex}`], ...pathsRead);
    assert.deepEqual(
      read.trim().split('\n'),
      asked.filter((path) => path.startsWith('/TLS_PSK_')),
    );
  });

  it('find every record authentic', async () => {
    const debug = join(folder.path, 'debug');
    await dissect([...keyLog(), '-o', `tls.debug_file:${debug}`], '-Y', 'coap');
    const verdicts = readFileSync(debug, 'utf8');
    assert.deepEqual(verdicts.match(/^.*(?:auth_tag\((?:actual|expect)\)|failed).*$/gim) ?? [], []);
    // Each side of an association protects its Finished, a message or two, and an alert.
    const verified = verdicts.match(/auth_tag\(OK\)|mac ok/g)?.length ?? 0;
    assert.ok(verified >= 4 * asked.length, `${verified} records of ${asked.length} exchanges`);
  });

  it('find no malformed packet, and nothing to warn of', async () => {
    assert.equal(await dissect(keyLog(), '-Y', '_ws.malformed'), '');
    const warnings = ['-T', 'fields', '-e', 'frame.number', '-e', '_ws.expert.message'];
    assert.equal(await dissect(keyLog(), '-Y', '_ws.expert.severity >= "Warning"', ...warnings), '');
  });

  it('see connection ids of both sides in the hellos and in the records', async () => {
    const lengthsIn = async (type: number): Promise<ReadonlySet<string>> => {
      const length = ['-T', 'fields', '-e', 'dtls.connection_id_length'];
      const lengths = await dissect(keyLog(), '-Y', `dtls.handshake.type == ${type}`, ...length);
      return new Set(lengths.split('\n').slice(0, -1));
    };
    assert.deepEqual(await lengthsIn(1), new Set(['', '0', '5']));
    assert.deepEqual(await lengthsIn(2), new Set(['', '8']));
    const records = ['-Y', 'dtls.record.connection_id', '-T', 'fields', '-e', 'dtls.record.connection_id'];
    const seen = (await dissect(keyLog(), ...records)).trim().split(/[\n,]/);
    assert.deepEqual(new Set(seen.map((id) => id.replaceAll(':', '').length / 2)), new Set([5, 8]));
  });
});

/** Every suite with and without connection ids, full and resumed; gives the paths that were asked for. */
async function converse(port: number, certification: Certification, keyFile: string): Promise<string[]> {
  const asked: string[] = [];
  const ports = new UnusedPorts();
  await using _ = await dtls({
    port,
    address: '127.0.0.1',
    credentials: serverCredentials(certification),
    keyLog: keyLogFile(keyFile),
    protocol: { flight },
  }).open(new CoapRole(() => ({ code: ResponseCode.content, payload: new Uint8Array(20) })));
  for (const connectionIdLength of connectionIdLengths) {
    for (const suite of suites) {
      const role = new CoapRole(() => ({ code: ResponseCode.notFound }), patience);
      const options: DtlsClientOptions = {
        port: 0,
        address: '127.0.0.1',
        credentialFor: () => clientCredential(certification, suite),
        connectionIdLength,
        protocol: { suites: [suite], flight },
      };
      await using shell = await dtlsClient(options).open(role);
      await ports.renew(shell);
      const ask = async (what: string): Promise<void> => {
        const peer = await shell.resolve('localhost', port);
        await role.ask(shell, peer, { method: Method.get, uriPath: [suite.name, what] });
        asked.push(`/${suite.name}/${what}`);
      };
      await ask('full');
      shell.disconnect?.(await shell.resolve('localhost', port));
      await ports.renew(shell);
      await ask('resumed');
      if (connectionIdLength === 'none') continue;
      await ports.renew(shell);
      await ask('moved');
    }
  }
  return asked;
}

/** The dissectors take a second handshake from a port for records of the first: no port may come twice. */
class UnusedPorts {
  readonly #used = new Set<number>();

  /** Gives the client a port that no client had before. */
  async renew(shell: Shell): Promise<void> {
    do await shell.rebind?.();
    while (this.#used.has(shell.local.port));
    this.#used.add(shell.local.port);
  }
}

/** A server of all kinds. */
function serverCredentials({ server, trust }: Certification): DtlsCredentials {
  return { ...trusting(server, trust), pskFor: (identity) => pskOnly().pskFor(identity) };
}

function clientCredential({ client, trust }: Certification, { keyExchange }: CipherSuite): ClientCredential {
  return keyExchange === 'ecdhe-ecdsa' ? { credential: client.certificate, trust } : pskOf();
}
