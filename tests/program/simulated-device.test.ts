// `dunlin client`: the Objects of a simulated device, and its firmware.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import type { Program } from '../support/program.ts';
import { dunlin, run } from '../support/program.ts';
import { until, untilFits } from '../support/until.ts';

/** What the REST interface says of a Resource. */
interface ReadValue {
  readonly value: unknown;
}

describe('a simulated device', () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;
  let device: Program;

  before(async () => {
    server = await DunlinServer.start(join(folder.path, 'data'));
    device = await server.device('bench-1', '--location=-27.4698,153.0251', '--state', statePath());
  });

  after(async () => {
    await device?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const statePath = (): string => join(folder.path, 'bench-1.state');

  const succeeds = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await server.command(...args);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  };

  const valueOf = async (path: string, endpoint = 'bench-1'): Promise<unknown> => {
    const response = await server.get(`/api/v1/devices/${endpoint}/resources${path}`);
    return ((await response.json()) as ReadValue).value;
  };

  /** Waits until State and Update Result are these; the device may register anew meanwhile. */
  const reaches = async (state: number, result: number, endpoint = 'bench-1'): Promise<void> => {
    await untilFits(
      async () => [await valueOf('/5/0/3', endpoint), await valueOf('/5/0/5', endpoint)],
      (seen) => seen[0] === state && seen[1] === result,
    );
  };

  it('has Objects 3 to 7 with values of this machine, and says where it is', async () => {
    const { stdout } = await server.command('devices', 'bench-1');
    for (const object of ['/3 ', '/4 ', '/5 ', '/6 ', '/7 ', '/3303 '])
      assert.ok(stdout.includes(object), stdout);
    assert.equal(typeof (await valueOf('/4/0/0')), 'number');
    assert.match(await succeeds('read', 'bench-1', '/4/0/4'), /\/4\/0\/4\/0/);
    assert.equal(await valueOf('/6/0/0'), -27.4698);
    assert.equal(await valueOf('/6/0/1'), 153.0251);
  });

  it('counts its traffic from Start to Stop', async () => {
    await succeeds('execute', 'bench-1', '/7/0/6');
    await succeeds('read', 'bench-1', '/3');
    await succeeds('execute', 'bench-1', '/7/0/7');
    const largest = await valueOf('/7/0/4');
    assert.ok(typeof largest === 'number' && largest > 100 && largest < 1500, String(largest));
    await succeeds('read', 'bench-1', '/5');
    assert.equal(await valueOf('/7/0/4'), largest);
  });

  it('installs any file, says its version, registers anew, and runs it after a restart, too', async () => {
    const image = join(folder.path, 'image.bin');
    writeFileSync(image, `firmware acme 2.5\n${'x'.repeat(5000)}`);
    await succeeds('write', 'bench-1', '/5/0/0', '--file', image);
    await reaches(2, 0);
    assert.equal(await valueOf('/5/0/6'), 'acme');
    assert.equal(await valueOf('/5/0/7'), '2.5');
    assert.equal(readFileSync(`${statePath()}.firmware/package.bin`, 'latin1').length, 5018);
    await succeeds('execute', 'bench-1', '/5/0/2');
    await device.waitFor(/firmware: acme 2\.5 is installed/);
    await reaches(0, 1);
    assert.equal(await valueOf('/3/0/3'), '2.5');
    await device.stop();
    device = await server.device('bench-1', '--state', statePath());
    assert.equal(await valueOf('/3/0/3'), '2.5');
    assert.equal(await valueOf('/5/0/5'), 1);
  });

  it('goes on with a download where it was, after it was killed in the middle', async () => {
    const image = join(folder.path, 'big.bin');
    writeFileSync(image, `firmware acme 3.0\n${'x'.repeat(3_000_000)}`);
    await succeeds('firmware', 'upload', image, '--image-version', '3.0');
    await succeeds('firmware', 'update', 'bench-1', 'big.bin', '--method', 'pull', '--no-wait');
    const stored = `${statePath()}.firmware/package.bin`;
    const size = (): number => (existsSync(stored) ? statSync(stored).size : 0);
    await until(
      () => size() > 100_000,
      () => `the package grows, it has ${size()} bytes`,
    );
    device.signal('SIGKILL');
    await device.ended();
    assert.ok(size() > 100_000 && size() < 3_000_000, `${size()} bytes are there`);
    device = await server.device('bench-1', '--state', statePath());
    await device.waitFor(/firmware: acme 3\.0 is installed/);
    await reaches(0, 1);
    assert.equal(await valueOf('/3/0/3'), '3.0');
  });

  it('ends its updates as it was told to', async () => {
    const image = join(folder.path, 'other.bin');
    writeFileSync(image, Uint8Array.of(1, 2, 3));
    await using failing = await server.device('bench-2', '--firmware-result', '8');
    await succeeds('write', 'bench-2', '/5/0/0', '--file', image);
    await reaches(2, 0, 'bench-2');
    // The digest of an image without a name is its version.
    assert.equal(await valueOf('/5/0/7', 'bench-2'), '039058c6f2c0');
    await succeeds('execute', 'bench-2', '/5/0/2');
    await failing.waitFor(/firmware: .* \(result 8\)/);
    await reaches(2, 8, 'bench-2');
    await using corrupt = await server.device('bench-3', '--firmware-result', '5');
    await succeeds('write', 'bench-3', '/5/0/0', '--file', image);
    await corrupt.waitFor(/\(result 5\)/);
    await reaches(0, 5, 'bench-3');
  });

  it('says what is wrong with the URI of a package (1.0 E.6, Update Result 7 and 9)', async () => {
    // No device has a third scheme, and the server has nothing at that path.
    for (const [uri, result] of [
      [`${server.http}/fw/nothing`, 7],
      ['ftp://127.0.0.1/package.bin', 9],
      [`${server.coap}/fw/nothing`, 7],
    ] as const) {
      await succeeds('write', 'bench-1', '/5/0/1', uri);
      await reaches(0, result);
    }
  });

  for (const [option, value, reason] of [
    ['--location', '91,0', /latitude and longitude in degrees/],
    ['--firmware-result', '1', /one of 2, 3, 4, 5, 6, 7, 8, 9/],
  ] as const) {
    it(`says what is wrong with ${option} ${value}, and ends with 2`, async () => {
      const client = dunlin('client', '--server', server.coap, '--endpoint', 'x', `${option}=${value}`);
      const { exitCode, stderr } = await run(client);
      assert.equal(exitCode, 2);
      assert.match(stderr, reason);
    });
  }
});
