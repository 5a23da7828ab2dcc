import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { equalBytes } from '@dunlin/base';
import {
  formatCode,
  type IncomingResponse,
  Method,
  type PeerSecurity,
  type Request,
  type RequestOptions,
  ResponseCode,
  udpPeer,
} from '@dunlin/coap';
import { type FirmwareListener, MemoryFirmwareImageStore, transferredBytes } from '@dunlin/server';

import { bytes, type FirmwareBench, imageSize, openFirmwareBench } from '../support/firmware-bench.ts';
import { RawDevice } from '../support/raw-device.ts';
import { SecuredBinding } from '../support/secured-binding.ts';
import { newNetwork, serverAddress } from '../support/test-server.ts';

/** A device that was told where it can fetch its image, and waits to be told by the test to do so. */
async function told(options: Parameters<typeof openFirmwareBench>[0] = {}): Promise<FirmwareBench> {
  const bench = await openFirmwareBench(options);
  Object.assign(bench.device.resources, { deliveryMethod: 0 });
  bench.device.quirks.isLazy = true;
  await bench.start();
  await bench.device.until(() => bench.device.resources.packageUri !== '');
  await bench.pass(1000);
  bench.device.become({ state: 1 });
  return bench;
}

function pathOf({ device }: FirmwareBench): readonly string[] {
  return new URL(device.resources.packageUri).pathname.split('/').slice(1);
}

function get(
  bench: FirmwareBench,
  more: Partial<Request> = {},
  options: RequestOptions = {},
  by: RawDevice = bench.device.raw,
): Promise<IncomingResponse> {
  return by.exchange({ method: Method.get, uriPath: pathOf(bench), ...more }, options);
}

describe('The image at its URI (RFC 7959 §2.4)', () => {
  test('is given block by block and at random, with its length, its type and an ETag', async () => {
    await using bench = await told();
    const whole = await get(bench);
    assert.ok(equalBytes(whole.payload, bytes));
    assert.equal(whole.contentFormat, 42);
    assert.equal(Buffer.from(whole.etag ?? []).toString('hex'), bench.image.id.slice(0, 16));
    const options = { bodyOffset: 19_456, preferredBlockSize: 512, singleBlock: true };
    const part = await get(bench, {}, options);
    assert.ok(equalBytes(part.payload, bytes.subarray(19_456, 19_968)));
  });

  test('counts as fetched as far as it was given', async () => {
    await using bench = await told();
    await get(bench, {}, { bodyOffset: 4096, preferredBlockSize: 1024, singleBlock: true });
    assert.equal(transferredBytes(await bench.status()), 5120);
    await get(bench, {}, { bodyOffset: 0, preferredBlockSize: 1024, singleBlock: true });
    assert.equal(transferredBytes(await bench.status()), 5120);
    await get(bench);
    assert.equal(transferredBytes(await bench.status()), imageSize);
  });

  test('is not there for who does not know it, nor beside it', async () => {
    await using bench = await told();
    const [segment = '', token = ''] = pathOf(bench);
    const others = [
      [segment],
      [segment, ''],
      [segment, token.slice(1)],
      [segment, token, 'x'],
      [segment, '..', token],
      [segment, bench.image.id],
      [segment, '__proto__'],
    ].filter((path) => !path.includes('..'));
    for (const uriPath of others)
      assert.equal((await get(bench, { uriPath })).code, ResponseCode.notFound, uriPath.join('/'));
    const diagnostic = bench.server.diagnostics.at(-1);
    assert.ok(diagnostic?.kind === 'request-refused' && diagnostic.coapCode === '4.04');
  });

  test('is read, and in its own format only', async () => {
    await using bench = await told();
    for (const method of [Method.put, Method.post, Method.delete])
      assert.equal((await get(bench, { method })).code, ResponseCode.methodNotAllowed);
    assert.equal((await get(bench, { accept: 0 })).code, ResponseCode.notAcceptable);
    assert.equal((await get(bench, { accept: 42 })).code, ResponseCode.content);
  });

  test('has an end', async () => {
    await using bench = await told();
    const options = { bodyOffset: 20_480, preferredBlockSize: 1024, singleBlock: true };
    assert.equal((await get(bench, {}, options)).code, ResponseCode.badRequest);
  });

  test('is gone when the device has it', async () => {
    await using bench = await told();
    const uriPath = pathOf(bench);
    await get(bench);
    bench.device.become({ state: 2 });
    await bench.reachInstallation();
    assert.equal((await get(bench, { uriPath })).code, ResponseCode.notFound);
  });

  test('that cannot be read is answered with 5.00, which is told', async () => {
    const images = new MemoryFirmwareImageStore();
    await using bench = await told({ options: { firmware: { images } } });
    images.remove(bench.image.id);
    assert.equal((await get(bench)).code, ResponseCode.internalServerError);
    assert.equal(bench.server.diagnostics.at(-1)?.kind, 'store-failed');
  });

  test('needs no challenge from another port of the device, and one from elsewhere (RFC 9175 §2.4)', async () => {
    await using bench = await told();
    const sameHost = await RawDevice.open(bench.network, serverAddress, '10.0.0.3');
    assert.ok(equalBytes((await get(bench, {}, {}, sameHost)).payload, bytes));
    assert.equal(bench.server.server.coapStatistics[0]?.challenges, 0);
    const elsewhere = await RawDevice.open(bench.network, serverAddress, '10.0.0.99');
    assert.ok(equalBytes((await get(bench, {}, {}, elsewhere)).payload, bytes));
    assert.equal(bench.server.server.coapStatistics[0]?.challenges, 1);
  });

  test('is sign of life enough for a device in queue mode (R-804)', async () => {
    await using bench = await told({ device: { binding: 'UQ' } });
    await bench.pass(100_000);
    const device = bench.server.server.device('node-1');
    assert.equal((await device.reachability())?.kind, 'asleep');
    await get(bench, {}, { preferredBlockSize: 16, singleBlock: true });
    assert.equal((await device.reachability())?.kind, 'awake');
  });

  test('can be given by another way, whose progress counts alike', async () => {
    await using bench = await told();
    const [, token = ''] = pathOf(bench);
    const { firmware } = bench.server.server;
    const download = firmware.download(token) ?? assert.fail();
    assert.equal(download.image.size, imageSize);
    assert.equal(download.endpointName, 'node-1');
    assert.ok(equalBytes(await download.read(100, 5000), bytes.subarray(100, 5100)));
    assert.equal(transferredBytes(await bench.status()), 5100);
    assert.equal(firmware.download('x'), undefined);
  });
});

describe('A device that is managed over DTLS', () => {
  const own: PeerSecurity = { kind: 'psk', identity: 'node-1' };

  /** The device at 10.0.0.3 proves to be `node-1`; plain CoAP and CoAPS are both there. */
  async function secured(): Promise<{ readonly bench: FirmwareBench; readonly secure: SecuredBinding }> {
    const network = newNetwork(1);
    const secure = new SecuredBinding(network.binding('10.0.0.1', 5684));
    const plain = network.binding('10.0.0.1', 5685);
    secure.associations.set('10.0.0.3', { security: own });
    const bench = await openFirmwareBench({
      network,
      options: { listen: [plain, asCoaps(secure)] },
      device: { port: 5684 },
    });
    bench.device.quirks.isLazy = true;
    bench.device.resources.deliveryMethod = 0;
    return { bench, secure };
  }

  /** The simulated network knows CoAP only. */
  function asCoaps(binding: SecuredBinding): SecuredBinding {
    const open = binding.open.bind(binding);
    binding.open = async (driven) => {
      const shell = await open(driven);
      const { address, port } = shell.local;
      const local = { address, port, uri: `coaps://${address}:${port}` };
      return new Proxy(shell, {
        get: (target, name) => {
          if (name === 'local') return local;
          const member: unknown = Reflect.get(target, name, target);
          if (typeof member !== 'function') return member;
          return (...input: readonly unknown[]): unknown => Reflect.apply(member, target, input);
        },
      });
    };
    return binding;
  }

  test('fetches its image by CoAPS where it can', async () => {
    const { bench } = await secured();
    await using _bench = bench;
    bench.device.resources.protocols = [0, 1];
    await bench.start();
    await bench.device.until(() => bench.device.resources.packageUri !== '');
    assert.match(bench.device.resources.packageUri, /^coaps:\/\/10\.0\.0\.1:5684\/fw\//);
  });

  test('does not fetch it by what is not encrypted, unless that is wished', async () => {
    const { bench } = await secured();
    await using _bench = bench;
    await bench.start();
    const { state } = await bench.reach('failed');
    assert.ok(state.kind === 'failed' && state.failure.reason === 'unsupported');
    assert.match(
      state.failure.message,
      /managed over DTLS and can fetch images only by coap, which is not encrypted/,
    );
    await bench.start({ protocol: 'coap' });
    await bench.device.until(() => bench.device.resources.packageUri !== '');
    assert.match(bench.device.resources.packageUri, /^coap:\/\/10\.0\.0\.1:5685\/fw\//);
  });

  test('is pushed to rather than made to fetch by what is not encrypted', async () => {
    const { bench } = await secured();
    await using _bench = bench;
    bench.device.resources.deliveryMethod = 2;
    await bench.start();
    await bench.reachInstallation();
    assert.equal(bench.device.resources.packageUri, '');
  });

  test('is the only one that gets its image over DTLS', async () => {
    const { bench, secure } = await secured();
    await using _bench = bench;
    bench.device.resources.protocols = [1];
    await bench.start();
    await bench.device.until(() => bench.device.resources.packageUri !== '');
    bench.device.become({ state: 1 });
    const uriPath = pathOf(bench);
    secure.associations.set('10.0.0.66', { security: { kind: 'psk', identity: 'node-66' } });
    const thief = await RawDevice.open(bench.network, { address: '10.0.0.1', port: 5684 }, '10.0.0.66');
    const refused = await thief.exchange({ method: Method.get, uriPath });
    assert.equal(formatCode(refused.code), '4.03');
    // The device itself may have another association for it.
    secure.associations.set('10.0.0.67', { security: own });
    const other = await RawDevice.open(bench.network, { address: '10.0.0.1', port: 5684 }, '10.0.0.67');
    assert.ok(equalBytes((await other.exchange({ method: Method.get, uriPath })).payload, bytes));
  });
});

describe('The address at which devices fetch images', () => {
  /** The Package URI of a device that fetches by HTTP only, or why there is none. */
  async function uriByHttp(...listeners: readonly FirmwareListener[]): Promise<string> {
    await using bench = await openFirmwareBench({
      options: {
        firmware: {
          images: new MemoryFirmwareImageStore(),
          addressToward: () => '192.0.2.7',
          listeners: () => listeners,
        },
      },
    });
    Object.assign(bench.device.resources, { deliveryMethod: 0, protocols: [2] });
    bench.device.quirks.isLazy = true;
    await bench.start();
    await bench.pass(1000);
    const { state } = await bench.status();
    return state.kind === 'failed' ? state.failure.message : bench.device.resources.packageUri;
  }

  test('is that of what else serves images, completed where that listens on all', async () => {
    const http = { protocol: 'http', port: 8081 } as const;
    assert.match(
      await uriByHttp({ ...http, address: '0.0.0.0' }),
      /^http:\/\/192\.0\.2\.7:8081\/fw\/[\w-]{24}$/,
    );
    assert.match(
      await uriByHttp({ ...http, address: '198.51.100.1' }),
      /^http:\/\/198\.51\.100\.1:8081\/fw\//,
    );
  });

  test('is never a loopback address for a device that is not on this machine', async () => {
    const said = await uriByHttp({ protocol: 'http', port: 8081, address: '127.0.0.1' });
    assert.match(said, /fetches images by http \(\/5\/0\/8\), and this server has them at coap:/);
  });

  test('is that which the device sees where the server listens on all, and none where nobody knows', async () => {
    for (const toward of ['192.0.2.7', '2001:db8::7', undefined]) {
      const network = newNetwork(1);
      const everywhere = network.binding('0.0.0.0', 5683);
      const asked: string[] = [];
      await using bench = await openFirmwareBench({
        network,
        options: {
          listen: [everywhere],
          firmware: {
            addressToward: (peer) => {
              asked.push(peer.address);
              return toward;
            },
          },
        },
        device: { server: udpPeer('0.0.0.0', 5683) },
      });
      bench.device.resources.deliveryMethod = 0;
      bench.device.quirks.isLazy = true;
      await bench.start();
      await bench.pass(1000);
      const { state } = await bench.status();
      if (toward === undefined) {
        assert.ok(
          state.kind === 'failed' && /at no address that a device could reach/.test(state.failure.message),
        );
      } else {
        const host = toward.includes(':') ? `[${toward}]` : toward;
        assert.ok(bench.device.resources.packageUri.startsWith(`coap://${host}:5683/fw/`));
      }
      assert.deepEqual(asked, ['10.0.0.3']);
    }
  });
});
