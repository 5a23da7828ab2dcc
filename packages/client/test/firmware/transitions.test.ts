import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { noBytes } from '@dunlin/base';
import { Method } from '@dunlin/coap';
import { FirmwareError } from '@dunlin/client';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';

import {
  FirmwareWorld,
  hanging,
  opaque,
  packageInTlv,
  packageOf,
  ScriptedDownloader,
  served,
} from '../support/firmware-world.ts';
import { hex, json, text, tlv, bytes } from '../support/world.ts';

const stateNames = [
  'idle',
  'failed',
  'pushing',
  'pulling',
  'downloaded',
  'updating',
  'not installed',
  'installed',
] as const;
type StateName = (typeof stateNames)[number];

/** What State and Update Result show. */
const shown: Readonly<Record<StateName, string>> = {
  idle: '0/0',
  failed: '0/7',
  pushing: '1/0',
  pulling: '1/0',
  downloaded: '2/0',
  updating: '3/0',
  'not installed': '2/8',
  installed: '0/1',
};

/** A device that has been brought into a state over the network. */
async function deviceIn(state: StateName): Promise<FirmwareWorld> {
  const downloader = new ScriptedDownloader();
  const device = await FirmwareWorld.open({
    downloader,
    ...(state === 'updating' && { install: () => new Promise<void>(() => undefined) }),
    ...(state === 'not installed' && {
      install: () => {
        throw new Error('the boot loader refuses it');
      },
    }),
  });
  switch (state) {
    case 'idle':
      break;
    case 'failed':
      downloader.script = () => {
        throw new FirmwareError(FirmwareUpdateResult.invalidUri, 'there is nothing');
      };
      await device.writeUri('coap://192.0.2.9/nothing');
      break;
    case 'pushing':
      assert.equal(await device.pushSlice(packageOf(5000), 0, 1024), '2.31');
      break;
    case 'pulling':
      downloader.script = hanging;
      await device.writeUri('coap://192.0.2.9/fw');
      break;
    case 'downloaded':
    case 'updating':
    case 'not installed':
    case 'installed':
      assert.equal((await device.pushAll(packageOf(3000))).code, '2.04');
      if (state !== 'downloaded') assert.equal((await device.update()).code, '2.04');
  }
  downloader.script = () => served(packageOf(3000));
  assert.equal(await device.shown(), shown[state]);
  return device;
}

/** One thing that a Server may do, and what is answered and shown a moment later, state by state. */
interface Move {
  readonly name: string;
  readonly make: (device: FirmwareWorld) => Promise<{ readonly code: string }>;
  readonly outcome: Readonly<Record<StateName, `${string} ${string}`>>;
}

const resets: Move['outcome'] = {
  idle: '2.04 0/0',
  failed: '2.04 0/0',
  pushing: '2.04 0/0',
  pulling: '2.04 0/0',
  downloaded: '2.04 0/0',
  updating: '4.05 3/0',
  'not installed': '2.04 0/0',
  installed: '2.04 0/0',
};

/** What begins a download is taken where there is no package, and nowhere else. */
const begins: Move['outcome'] = {
  idle: '2.04 2/0',
  failed: '2.04 2/0',
  pushing: '4.00 1/0',
  pulling: '4.00 1/0',
  downloaded: '4.00 2/0',
  updating: '4.05 3/0',
  'not installed': '4.00 2/8',
  installed: '2.04 2/0',
};

/** The Server that pushes may begin anew. */
const beginsPush: Move['outcome'] = { ...begins, pushing: '2.04 2/0' };

/** What cannot be is refused, and changes nothing. */
const refusedWith = (code: string): Move['outcome'] => ({
  idle: `${code} 0/0`,
  failed: `${code} 0/7`,
  pushing: `${code} 1/0`,
  pulling: `${code} 1/0`,
  downloaded: `${code} 2/0`,
  updating: `${code} 3/0`,
  'not installed': `${code} 2/8`,
  installed: `${code} 0/1`,
});

const moves: readonly Move[] = [
  {
    name: 'an empty Package, opaque, resets (R-1053)',
    make: ({ world }) => world.put('/5/0/0', opaque, noBytes),
    outcome: resets,
  },
  {
    name: 'a Package of one byte 00, opaque, resets (R-1053)',
    make: ({ world }) => world.put('/5/0/0', opaque, hex('00')),
    outcome: resets,
  },
  {
    name: 'an empty Package in TLV resets (R-1053)',
    make: ({ world }) => world.put('/5/0/0', tlv, hex('c000')),
    outcome: resets,
  },
  {
    name: 'a Package of one byte 00 in TLV resets (R-1053)',
    make: ({ world }) => world.put('/5/0/0', tlv, hex('c10000')),
    outcome: resets,
  },
  {
    name: 'an empty Package by POST resets (R-1054)',
    make: ({ world }) => world.post('/5/0/0', opaque, noBytes),
    outcome: resets,
  },
  {
    name: 'an empty Package URI, as text, resets (R-1053)',
    make: ({ world }) => world.put('/5/0/1', text, noBytes),
    outcome: resets,
  },
  {
    name: 'an empty Package URI in TLV resets (R-1053)',
    make: ({ world }) => world.put('/5/0/1', tlv, hex('c001')),
    outcome: resets,
  },
  {
    name: 'both empty in a Write of the instance reset (R-1053)',
    make: ({ world }) => world.post('/5/0', tlv, hex('c000c001')),
    outcome: resets,
  },
  {
    name: 'a Package in blocks is taken, by PUT (R-1054)',
    make: (device) => device.pushAll(packageOf(3000)),
    outcome: beginsPush,
  },
  {
    name: 'a Package in blocks is taken, by POST (R-1054)',
    make: (device) => device.pushAll(packageOf(3000), Method.post),
    outcome: beginsPush,
  },
  {
    name: 'a Package in blocks is taken, in TLV (R-1054)',
    make: ({ world }) => world.put('/5/0/0', tlv, packageInTlv(packageOf(3000))),
    outcome: beginsPush,
  },
  {
    name: 'a Package in one message is taken (R-1054)',
    make: (device) => device.pushAll(packageOf(200)),
    outcome: beginsPush,
  },
  {
    name: 'a Package URI is taken (R-1055)',
    make: (device) => device.writeUri('coap://192.0.2.9/fw'),
    outcome: begins,
  },
  {
    name: 'a Package URI in a Write of the instance is taken',
    make: ({ world }) => world.post('/5/0', json, bytes('{"e":[{"n":"1","sv":"coap://192.0.2.9/fw"}]}')),
    outcome: begins,
  },
  {
    name: 'Package and Package URI together are refused',
    make: ({ world }) =>
      world.post('/5/0', json, bytes('{"e":[{"n":"0","sv":"RlcC"},{"n":"1","sv":"coap://192.0.2.9/fw"}]}')),
    outcome: refusedWith('4.00'),
  },
  {
    name: 'a Package URI of 256 bytes is refused',
    make: (device) => device.writeUri(`coap://192.0.2.9/${'x'.repeat(239)}`),
    outcome: refusedWith('4.00'),
  },
  {
    name: 'a Replace of the instance without Package is refused (R-440)',
    make: ({ world }) => world.put('/5/0', tlv, hex('c001')),
    outcome: refusedWith('4.00'),
  },
  {
    name: 'State cannot be written',
    make: ({ world }) => world.put('/5/0/3', text, bytes('2')),
    outcome: refusedWith('4.05'),
  },
  {
    name: 'Update Result cannot be written',
    make: ({ world }) => world.put('/5/0/5', text, bytes('1')),
    outcome: refusedWith('4.05'),
  },
  {
    name: 'Package cannot be read',
    make: ({ world }) => world.read('/5/0/0'),
    outcome: refusedWith('4.05'),
  },
  {
    name: 'the instance cannot be deleted',
    make: ({ world }) => world.delete('/5/0'),
    outcome: refusedWith('4.05'),
  },
  {
    name: 'no second instance can be created',
    make: ({ world }) => world.post('/5', tlv, hex('c000c001')),
    outcome: refusedWith('4.05'),
  },
  {
    name: 'Update installs the package (R-1050)',
    make: (device) => device.update(),
    outcome: {
      ...refusedWith('4.05'),
      downloaded: '2.04 0/1',
      // It is tried once more, and fails once more.
      'not installed': '2.04 2/8',
    },
  },
];

/** What came of a move a moment later. */
async function made({ make }: Move, device: FirmwareWorld): Promise<string> {
  const { code } = await make(device);
  await device.world.pass(1);
  return `${code} ${await device.shown()}`;
}

describe('what a Server may do in each state of a firmware update (1.0 §E.6)', () => {
  for (const state of stateNames) {
    const [refused, taken] = [true, false].map((isRefused) =>
      moves.filter(({ outcome }) => outcome[state].startsWith('4.') === isRefused),
    );
    for (const move of taken ?? []) {
      test(`${state}: ${move.name}: ${move.outcome[state]}`, async () => {
        assert.equal(await made(move, await deviceIn(state)), move.outcome[state]);
      });
    }
    test(`${state}: whatever else a Server tries is refused, and changes nothing`, async () => {
      const device = await deviceIn(state);
      for (const move of refused ?? [])
        assert.equal(await made(move, device), move.outcome[state], move.name);
    });
  }
});

describe('what shows beside State and Update Result', () => {
  test('Package URI is what was written last, until a reset or a push', async () => {
    const device = await FirmwareWorld.open({ downloader: new ScriptedDownloader() });
    const uri = async (): Promise<string> => (await device.world.read('/5/0/1', text)).text;
    assert.equal(await uri(), '');
    await device.writeUri('coap://192.0.2.9/fw');
    assert.equal(await uri(), 'coap://192.0.2.9/fw');
    await device.until(2, 0);
    assert.equal(await uri(), 'coap://192.0.2.9/fw');
    await device.writeUri('');
    assert.equal(await uri(), '');
    await device.writeUri('coap://192.0.2.9/fw');
    await device.until(2, 0);
    await device.world.put('/5/0/0', opaque, noBytes);
    assert.equal(await uri(), '');
  });

  test('PkgName and PkgVersion are those of the package, and no concern of the firmware that runs (R-1059)', async () => {
    const device = await FirmwareWorld.open();
    const names = async (): Promise<readonly string[]> => [
      (await device.world.read('/5/0/6', text)).text,
      (await device.world.read('/5/0/7', text)).text,
      (await device.world.read('/3/0/3', text)).text,
    ];
    assert.deepEqual(await names(), ['', '', '1.0']);
    await device.pushAll(packageOf(3000, 7));
    assert.deepEqual(await names(), ['acme-firmware', '7', '1.0']);
    await device.update();
    await device.until(0, 1);
    assert.deepEqual(await names(), ['acme-firmware', '7', '7.0']);
    await device.world.put('/5/0/0', opaque, noBytes);
    assert.deepEqual(await names(), ['', '', '7.0']);
  });

  test('Protocol Support and Delivery Method are those of the downloader and of push (1.0 E.6)', async () => {
    const methods = async (device: FirmwareWorld): Promise<readonly string[]> => [
      (await device.world.read('/5/0/8', json)).text,
      (await device.world.read('/5/0/9', text)).text,
    ];
    const both = await methods(await FirmwareWorld.open({ downloader: new ScriptedDownloader() }));
    assert.match(both[0] ?? '', /"0","v":0.*"1","v":3/);
    assert.equal(both[1], '2');
    const pull = await FirmwareWorld.open({ downloader: new ScriptedDownloader(), takesPush: false });
    assert.equal((await methods(pull))[1], '0');
    assert.equal((await pull.pushAll(packageOf(3000))).code, '4.05');
    assert.equal((await pull.pushAll(packageOf(30))).code, '4.05');
    assert.equal((await pull.world.put('/5/0/0', opaque, noBytes)).code, '2.04', 'a reset is no push');
    const push = await FirmwareWorld.open();
    assert.equal((await methods(push))[1], '1');
    assert.equal((await push.world.read('/5/0/8')).code, '4.04');
    assert.equal((await push.writeUri('coap://192.0.2.9/fw')).code, '2.04');
    await push.until(0, 9);
  });
});
