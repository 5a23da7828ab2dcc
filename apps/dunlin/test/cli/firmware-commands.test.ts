import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { FirmwareImageDocument, FirmwareUpdateDocument } from '@dunlin/api';

import { bytesText } from '../../src/cli/firmware-text.ts';
import { ProgressLine } from '../../src/cli/progress-line.ts';
import { runProgram } from '../../src/program/run-program.ts';
import { type MadeRequest, type TestAnswer, type TestContext, testContext } from '../support/test-context.ts';

const at = '2026-01-01T11:59:00.000Z';

function image(facts: Partial<FirmwareImageDocument> = {}): FirmwareImageDocument {
  return { id: 'ab'.repeat(32), name: 'lamp.bin', size: 3_145_728, addedAt: at, ...facts };
}

function update(facts: Partial<FirmwareUpdateDocument> = {}): FirmwareUpdateDocument {
  const { id, name, size } = image();
  return {
    endpoint: 'lamp',
    id: 1,
    image: { id, name, size },
    state: 'waiting',
    install: 'automatic',
    method: 'automatic',
    transferred: 0,
    attempts: 0,
    startedAt: at,
    activeAt: at,
    ...facts,
  };
}

/** A server with images; what it says of the update is one state after the other. */
function world(
  states: readonly (Partial<FirmwareUpdateDocument> | 'unreachable')[] = [],
  images: readonly FirmwareImageDocument[] = [image()],
  files: Record<string, string> = {},
): TestContext {
  const said = [...states];
  return testContext(
    ({ url, method, body }): TestAnswer => {
      const { pathname, searchParams } = new URL(url);
      if (pathname.endsWith('/devices/lamp/firmware') || pathname.endsWith('/install')) {
        const state = said.length > 1 ? said.shift() : said[0];
        return state === 'unreachable' ? 'unreachable' : { json: update(state) };
      }
      if (pathname.endsWith('/firmware/updates')) return { json: { updates: [update()], next: null } };
      if (method === 'DELETE') return { status: 204, text: '' };
      if (method === 'POST') return { status: 201, json: image({ size: body?.length ?? 0 }) };
      const [contains, id] = [searchParams.get('contains') ?? '', searchParams.get('id') ?? ''];
      const found = images.filter((each) => each.name.includes(contains) && each.id.startsWith(id));
      return { json: { images: found, next: null } };
    },
    { files },
  );
}

async function ended(context: TestContext, ...args: readonly string[]): Promise<string> {
  const exitCode = await runProgram(['firmware', ...args], context);
  return `${exitCode}\n${context.out()}${context.err()}`;
}

function inputOf({ requests }: TestContext): unknown {
  const request = requests.find(
    ({ method, url }: MadeRequest) => method === 'POST' && url.includes('/devices/'),
  );
  assert.ok(typeof request?.body === 'string');
  return JSON.parse(request.body);
}

const transferring = (transferred: number): Partial<FirmwareUpdateDocument> => ({
  state: 'transferring',
  transferred,
  attempts: 1,
  transfer: { method: 'push' },
});
const succeeded = { state: 'succeeded', finishedAt: at, firmwareVersion: '2.1' } as const;

describe('dunlin firmware upload', () => {
  it('sends a file, called like it, with version and model', async () => {
    const context = world([], [], { 'build/lamp.bin': 'firmware' });
    const said = await ended(context, 'upload', 'build/lamp.bin', '--image-version', '2.1', '--model', 'L-1');
    assert.equal(said, '0\nadded lamp.bin as image abababababab, 8 B\n');
    const [request] = context.requests;
    assert.equal(request?.url, 'http://127.0.0.1:8080/api/v1/firmware?name=lamp.bin&version=2.1&model=L-1');
    assert.equal(new TextDecoder().decode(request.body as Uint8Array), 'firmware');
    assert.equal(request.headers['content-length'], '8');
  });

  it('says in one line when there is no such file', async () => {
    assert.equal(await ended(world(), 'upload', 'none.bin'), '2\ndunlin: none.bin: there is no such file\n');
  });
});

describe('dunlin firmware list, show and remove', () => {
  it('shows images as a table, and one in full', async () => {
    const context = world(
      [],
      [image({ version: '2.1', model: 'L-1' }), image({ id: 'cd'.repeat(32), name: 'z\u001b' })],
    );
    assert.equal(
      await ended(context, 'list'),
      [
        '0',
        'IMAGE         NAME      VERSION  MODEL  SIZE     ADDED',
        'abababababab  lamp.bin  2.1      L-1    3.0 MiB  60 s ago',
        'cdcdcdcdcdcd  z\\u{1b}                   3.0 MiB  60 s ago',
        '',
      ].join('\n'),
    );
    assert.match(await ended(world(), 'show', 'lamp.bin'), /size +3\.0 MiB \(3145728 bytes\)/);
    assert.equal(await ended(world([], []), 'list'), '0\nThere are no images.\n');
  });

  it('finds an image by its name, its id or the beginning of that, and says when it is not clear which', async () => {
    const two = [image({ version: '1' }), image({ id: 'cd'.repeat(32), version: '2' })];
    assert.match(await ended(world([], two), 'show', 'cdcd'), /^0\nIMAGE +lamp\.bin/);
    assert.equal(
      await ended(world([], two), 'show', 'lamp.bin'),
      '2\ndunlin: 2 images are called lamp.bin: give the id, abababababab (1) or cdcdcdcdcdcd (2)\n',
    );
    assert.equal(
      await ended(world(), 'show', 'lamp'),
      '3\ndunlin: there is no image lamp; there is lamp.bin\n',
    );
    assert.match(await ended(world(), 'show', 'other'), /^3\n.*dunlin firmware list shows those there are/);
  });

  it('removes images, none before all are found', async () => {
    const context = world();
    assert.equal(await ended(context, 'remove', 'lamp.bin'), '0\nremoved lamp.bin (abababababab)\n');
    const wrong = world();
    assert.match(await ended(wrong, 'remove', 'lamp.bin', 'other'), /^3\n/);
    assert.ok(!wrong.requests.some(({ method }) => method === 'DELETE'));
  });
});

describe('dunlin firmware update', () => {
  it('follows the update to its end, in lines where there is no terminal', async () => {
    const context = world([
      {},
      {},
      transferring(314_572),
      transferring(330_000),
      transferring(2_000_000),
      { state: 'installing', transferred: 3_145_728, attempts: 1 },
      succeeded,
    ]);
    assert.equal(
      await ended(context, 'update', 'lamp', 'lamp.bin'),
      [
        '0',
        'lamp runs lamp.bin: its firmware is 2.1',
        'lamp: waits for the device',
        'lamp: 9 % of 3.0 MiB (push)',
        'lamp: 10 % of 3.0 MiB (push)',
        'lamp: 63 % of 3.0 MiB (push)',
        'lamp: the device installs the image',
        '',
      ].join('\n'),
    );
    assert.deepEqual(inputOf(context), { image: image().id });
  });

  it('asks for what its flags say', async () => {
    const context = world([succeeded]);
    await ended(
      context,
      'update',
      'lamp',
      'abab',
      '--method',
      'pull',
      '--protocol',
      'https',
      '--block-size',
      '64',
      '--no-install',
      '--no-wait',
    );
    assert.deepEqual(inputOf(context), {
      image: image().id,
      method: 'pull',
      protocol: 'https',
      blockSize: 64,
      install: 'manual',
    });
  });

  it('prints nothing but the document with --json', async () => {
    const context = world([{}, transferring(5), succeeded]);
    const said = await ended(context, 'update', 'lamp', 'lamp.bin', '--json');
    assert.deepEqual(JSON.parse(said.slice(2)), update(succeeded));
  });

  for (const [reason, exitCode] of [
    ['result', 4],
    ['refused', 4],
    ['unsupported', 4],
    ['misbehaved', 4],
    ['lost', 4],
    ['no-progress', 5],
    ['outcome-unknown', 5],
    ['image-unreadable', 1],
  ] as const) {
    it(`ends with ${exitCode} and what happened when the update failed for ${reason}`, async () => {
      const failed = {
        state: 'failed',
        failure: { reason, message: 'lamp: the integrity check failed' },
      } as const;
      const said = await ended(world([failed]), 'update', 'lamp', 'lamp.bin');
      assert.equal(said, `${exitCode}\ndunlin: lamp: the integrity check failed\n`);
    });
  }

  it('goes on looking while the server restarts, and not for ever', async () => {
    const context = world([{}, 'unreachable', 'unreachable', succeeded]);
    assert.match(await ended(context, 'update', 'lamp', 'lamp.bin'), /^0\n/);
    assert.match(await ended(world([{}, 'unreachable']), 'update', 'lamp', 'lamp.bin'), /^6\n/);
  });

  it('ends when the device has the image and nobody asked to install it, and says how that is done', async () => {
    const context = world([{ state: 'downloaded', install: 'manual', transferred: 3_145_728 }]);
    assert.match(
      await ended(context, 'update', 'lamp', 'lamp.bin', '--no-install'),
      /^0\nlamp has lamp\.bin: dunlin firmware install lamp installs it\n/,
    );
  });

  it('does not wait with --no-wait, and no longer than --wait says; the update goes on', async () => {
    assert.match(
      await ended(world([{}]), 'update', 'lamp', 'lamp.bin', '--no-wait'),
      /^0\nlamp: waits for the device; dunlin firmware status lamp shows it\n$/,
    );
    let now = 0;
    const context = { ...world([{}]), now: () => (now += 400) };
    assert.match(
      await ended(context, 'update', 'lamp', 'lamp.bin', '--wait', '2'),
      /^5\n[^]*the update of lamp goes on \(waits for the device\)/,
    );
  });

  it('ends with 130 when it is interrupted', async () => {
    const context = world([{}]);
    const interrupting = { ...context, sleep: () => Promise.resolve(context.interrupt()) };
    assert.match(await ended(interrupting, 'update', 'lamp', 'lamp.bin'), /^130\n/);
  });

  it('says when another update took its place, or it was cancelled', async () => {
    assert.match(
      await ended(world([{}, { id: 2 }]), 'update', 'lamp', 'lamp.bin'),
      /^1\n[^]*another update of lamp took the place/,
    );
    assert.match(
      await ended(world([{}, { state: 'cancelled' }]), 'update', 'lamp', 'lamp.bin'),
      /^1\n[^]*the update of lamp was cancelled/,
    );
  });

  it('refuses flags that make no sense', async () => {
    for (const flags of [
      ['--method', 'carry'],
      ['--protocol', 'ftp'],
      ['--block-size', '100'],
      ['--wait', '0'],
    ])
      assert.match(await ended(world(), 'update', 'lamp', 'lamp.bin', ...flags), /^2\n/, flags.join(' '));
  });
});

describe('dunlin firmware updates', () => {
  it('lists those under way, of one image and state', async () => {
    const context = world();
    const said = await ended(context, 'updates', '--image', 'lamp.bin', '--state', 'waiting');
    assert.equal(
      said,
      '0\nDEVICE  IMAGE     NOW                   STARTED   CAME ON\nlamp    lamp.bin  waits for the device  60 s ago  60 s ago\n',
    );
    assert.ok(
      context.requests.at(-1)?.url.endsWith(`/firmware/updates?image=${image().id}&state=waiting&limit=100`),
    );
    assert.match(await ended(world(), 'updates', '--state', 'flying'), /^2\n/);
  });
});

describe('dunlin firmware status, install and cancel', () => {
  it('shows an update with the result in words and what happened', async () => {
    const failure = {
      reason: 'result',
      message: 'lamp says no',
      result: 5,
      resultMeaning: 'the integrity check of the image failed',
    } as const;
    const log = [{ at, message: 'the image is \u001b[2J pushed' }];
    const said = await ended(world([{ state: 'failed', failure, log, finishedAt: at }]), 'status', 'lamp');
    assert.match(said, /^0\nUPDATE +1\n/);
    assert.match(said, /result +5: the integrity check of the image failed\n/);
    assert.match(said, /now +failed: lamp says no\n/);
    assert.match(said, /\n2026-01-01 11:59:00 {2}the image is \\u\{1b\}\[2J pushed\n$/);
  });

  it('has the image installed and follows that', async () => {
    const context = world([{ state: 'installing' }, succeeded]);
    assert.match(await ended(context, 'install', 'lamp'), /^0\nlamp runs lamp\.bin/);
    assert.ok(context.requests[0]?.url.endsWith('/devices/lamp/firmware/install'));
  });

  it('cancels', async () => {
    const context = world([{ state: 'cancelling' }]);
    assert.equal(
      await ended(context, 'cancel', 'lamp'),
      '0\nlamp: cancelled; the device is still to be told\n',
    );
    assert.equal(context.requests[0]?.method, 'DELETE');
  });
});

describe('progress', () => {
  it('is one line that is drawn again on a terminal', async () => {
    let drawn = '';
    const output = { isTerminal: true, write: (text: string) => Promise.resolve(void (drawn += text)) };
    const line = new ProgressLine(output, 'la\u001bmp');
    await line.show({ text: 'waits', part: undefined });
    await line.show({ text: '50 %', part: 0.5 });
    await line.show({ text: '50 %', part: 0.5 });
    await line.end();
    assert.equal(
      drawn,
      `\rla\\u{1b}mp  waits\u001b[K\rla\\u{1b}mp  [${'#'.repeat(12)}${'.'.repeat(12)}]  50 %\u001b[K\n`,
    );
  });

  it('says bytes with three digits or so', () => {
    assert.deepEqual([0, 1023, 1024, 1536, 150_000, 3_145_728, 5_368_709_120].map(bytesText), [
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '146 KiB',
      '3.0 MiB',
      '5.0 GiB',
    ]);
  });
});
