// `npm run conformance` as a user runs it: against a device and a server over real sockets.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { freePort } from '../support/free-port.ts';
import { dunlin, Program, run } from '../support/program.ts';

const runner = [process.execPath, '--conditions=dunlin:source', 'tests/conformance/main.ts'];
const psk = ['--psk-identity', 'device', '--psk-key', '00112233445566778899aabbccddeeff'];

for (const [scheme, flags] of [
  ['coap', []],
  ['coaps', psk],
] as const) {
  describe(`the conformance tests of a device over ${scheme}`, () => {
    it('end with how many passed, and exit code 0', async () => {
      const uri = `${scheme}://127.0.0.1:${await freePort()}`;
      const only =
        '1.0-int-101,1.0-int-104,1.0-int-201,1.0-int-203,1.0-int-204,1.0-int-215,1.0-int-241,1.0-int-680';
      await using tests = new Program([...runner, '--client', uri, '--only', only, ...flags]);
      await tests.waitFor(/waiting for a device/);
      await using _device = new Program(dunlin('client', '--server', uri, '--endpoint', 'device', ...flags));
      const { exitCode, stdout } = await tests.ended();
      assert.match(stdout, /^\d passed, 0 failed, \d not applicable$/m, stdout);
      assert.match(stdout, /^pass {2}1\.0-int-101 /m);
      assert.equal(exitCode, 0);
    });
  });
}

describe('the conformance tests of firmware', () => {
  it('push an image to a device, and let it fetch it from the runner', async () => {
    using folder = new TemporaryFolder();
    const image = join(folder.path, 'image.bin');
    writeFileSync(image, `firmware bench 2.0\n${'x'.repeat(5000)}`);
    const uri = `coap://127.0.0.1:${await freePort()}`;
    const only = ['751', '755', '756', '760', '770', '771', '772', '776', '778', '780'].map(
      (id) => `1.0-int-${id}`,
    );
    const flags = ['--client', uri, '--firmware', image, '--only', only.join(',')];
    await using tests = new Program([...runner, ...flags]);
    await tests.waitFor(/waiting for a device/);
    await using _device = new Program(dunlin('client', '--server', uri, '--endpoint', 'device'));
    const { exitCode, stdout } = await tests.ended();
    assert.match(stdout, /^9 passed, 0 failed, 1 not applicable$/m, stdout);
    assert.match(stdout, /^n\/a {3}1\.0-int-776 .*--bad-firmware 5=FILE/m);
    assert.equal(exitCode, 0);
  });
});

describe('the conformance tests of a server', () => {
  it('run against dunlin server, and say so as JSON as well', async () => {
    using folder = new TemporaryFolder();
    await using server = await DunlinServer.start(folder.path);
    const uri = server.coap;
    const only = '1.0-int-101,1.0-int-103,dunlin-register-again,dunlin-register-bad,1.0-int-201';
    const { exitCode, stdout } = await run([...runner, '--server', uri, '--only', only]);
    assert.match(stdout, /^4 passed, 0 failed, 1 not applicable$/m, stdout);
    assert.equal(exitCode, 0);
    const json = await run([...runner, '--server', uri, '--only', '1.0-int-101', '--json']);
    assert.match(json.stdout, /"outcome": "passed"/);
  });

  it('fail with the evidence and exit code 1 where the server does not what it should', async () => {
    using folder = new TemporaryFolder();
    await using server = await DunlinServer.start(folder.path);
    const only = ['--only', '1.0-int-101,1.0-int-103'];
    const { exitCode, stdout } = await run([...runner, '--server', server.coap, '--endpoint', '', ...only]);
    assert.equal(exitCode, 1, stdout);
    assert.match(stdout, /^FAIL {2}1\.0-int-101 .*4\.00, not 2\.01\n {8}→ POST \/rd\?ep=&lt=300/m);
    assert.match(stdout, /^0 passed, 2 failed, 0 not applicable$/m);
  });
});

describe('what the conformance tests cannot run on', () => {
  for (const [name, args, message] of [
    ['neither side', [], /--client URI or --server URI/],
    [
      'both sides',
      ['--client', 'coap://127.0.0.1', '--server', 'coap://127.0.0.1'],
      /--client URI or --server URI/,
    ],
    ['an address that is none', ['--server', '127.0.0.1'], /of the form coap:/],
    ['a case that is unknown', ['--server', 'coap://127.0.0.1', '--only', 'x'], /no case x/],
    ['security without a key', ['--server', 'coaps://127.0.0.1'], /--psk-identity/],
    ['a device that does not come', ['--client', 'coap://127.0.0.1:0', '--wait', '0.1'], /not registered/],
    ['an image without its result', ['--client', 'coap://127.0.0.1:0', '--bad-firmware', 'x'], /RESULT=FILE/],
    ['an unknown flag', ['--unknown'], /unknown/i],
  ] as const) {
    it(`${name}: one line, and exit code 2`, async () => {
      const { exitCode, stderr } = await run([...runner, ...args]);
      assert.equal(exitCode, 2);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /);
    });
  }
});
