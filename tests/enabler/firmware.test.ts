import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { ContentFormat } from '@dunlin/coap';
import { type FirmwareUpdate, FirmwareUpdateError } from '@dunlin/server';

import { CoapPackageServer } from '../support/coap-package-server.ts';
import { type EnablerCase, runCases } from './support/cases.ts';
import { EnablerWorld } from './support/enabler-world.ts';
import { endpointName, packageServerAddress } from './support/places.ts';
import { badPackages, goodPackage, updatable } from './support/updatable.ts';
import {
  expectCode,
  expectValues,
  instanceOf,
  text,
  tlv,
  utf8,
  valueIn,
  valueOf,
} from './support/verdicts.ts';

const { opaque } = ContentFormat;

/** Where packages are pulled from. */
const packageUri = `coap://${packageServerAddress}/fw`;

async function expectStatus(world: EnablerWorld, state: number, result: number): Promise<void> {
  expectValues(instanceOf(await world.read('/5/0', tlv)), { 3: state, 5: result });
}

/** Lets time pass until State and Update Result are these, as they are after an hour at most. */
async function reaches(world: EnablerWorld, state: number, result: number): Promise<void> {
  for (let times = 0; times < 360; times += 1) {
    const values = instanceOf(await world.read('/5/0', tlv));
    if (values[3] === state && values[5] === result) return;
    await world.pass(10);
  }
  await expectStatus(world, state, result);
}

/** Forgets what the device has, by each form: they are step 1 of 770 and 771. */
async function reset(world: EnablerWorld): Promise<void> {
  expectCode(await world.put('/5/0/0', opaque, Uint8Array.of(0)), '2.04');
  await expectStatus(world, 0, 0);
  expectCode(await world.put('/5/0/1', text, utf8('')), '2.04');
  await expectStatus(world, 0, 0);
}

async function pushed(world: EnablerWorld, body = goodPackage): Promise<void> {
  await reset(world);
  expectCode(await world.put('/5/0/0', opaque, body), '2.04');
  await expectStatus(world, 2, 0);
}

/** The device pulls a body; what the states were on the way. */
async function pulled(
  world: EnablerWorld,
  body: Uint8Array,
  [state, result]: readonly [state: number, result: number],
  uri = packageUri,
): Promise<readonly unknown[]> {
  await using packages = await CoapPackageServer.open(
    body,
    world.network.binding(packageServerAddress, 5683),
  );
  await reset(world);
  const watch = await world.observe('/5/0/3');
  expectCode(await world.put('/5/0/1', text, utf8(uri)), '2.04');
  await reaches(world, state, result);
  assert.ok(packages.requests.length > 0 || uri !== packageUri);
  return watch.notified.map(({ content }) => valueIn(content));
}

/** Step 2 and 3 of 770 and 771. */
async function installs(world: EnablerWorld): Promise<void> {
  expectCode(await world.execute('/5/0/2'), '2.04');
  await world.pass(30);
  assert.equal(world.reboots, 1);
  await expectStatus(world, 0, 1);
  assert.equal(valueOf(await world.read('/3/0/3')), '2.0', 'the new version runs');
}

/** The package with which the device comes to a result. */
function badPackage(result: number): Uint8Array {
  return badPackages.get(result) ?? assert.fail(`there is no package for result ${result}`);
}

/** A push that goes wrong: the result, and the code of the answer where it is known then. */
const failedPush = (name: string, result: number, code?: string): EnablerCase => ({
  name,
  configuration: updatable,
  run: async (world) => {
    await reset(world);
    const answer = await world.put('/5/0/0', opaque, badPackage(result));
    if (code !== undefined) expectCode(answer, code);
    await reaches(world, 0, result);
  },
});

/** A pull that goes wrong. */
const failedPull = (name: string, result: number): EnablerCase => ({
  name,
  configuration: updatable,
  run: async (world) => {
    assert.deepEqual(await pulled(world, badPackage(result), [0, result]), [0, 1, 0]);
  },
});

const cases: readonly EnablerCase[] = [
  {
    name: '1.0-int-751: reads the Firmware Update Object: Idle, and what it supports',
    configuration: updatable,
    run: async (world) => {
      expectValues(instanceOf(await world.read('/5/0', tlv)), { 3: 0, 5: 0, 8: { 0: 0 }, 9: 2 });
    },
  },
  {
    name: '1.0-int-755: resets by a Package, then takes one: Downloaded',
    configuration: updatable,
    run: pushed,
  },
  {
    name: '1.0-int-756: resets by a Package URI, then fetches from one: Downloading, Downloaded',
    configuration: updatable,
    run: async (world) => {
      assert.deepEqual(await pulled(world, goodPackage, [2, 0]), [0, 1, 2]);
    },
  },
  {
    name: '1.0-int-760: notifies State when a package is there',
    configuration: updatable,
    run: async (world) => {
      expectCode(await world.writeAttributes('/5/0', 'pmin=2', 'pmax=10'), '2.04');
      const watch = await world.observe('/5/0/3');
      assert.equal(valueIn(watch.notified[0]?.content), 0);
      expectCode(await world.put('/5/0/0', opaque, goodPackage), '2.04');
      await world.pass(12);
      assert.equal(valueIn(watch.notified.at(-1)?.content), 2);
    },
  },
  {
    name: '1.0-int-770: installs a package that was pushed, and runs the new version',
    configuration: updatable,
    run: async (world) => {
      await pushed(world);
      await installs(world);
    },
  },
  {
    name: '1.0-int-771: installs a package that was pulled, and runs the new version',
    configuration: updatable,
    run: async (world) => {
      await pulled(world, goodPackage, [2, 0]);
      await installs(world);
    },
  },
  {
    name: '1.0-int-772: refuses Update without a package with 4.05, and stays as it is',
    configuration: updatable,
    run: async (world) => {
      await reset(world);
      expectCode(await world.execute('/5/0/2'), '4.05');
      await expectStatus(world, 0, 0);
    },
  },
  failedPush('1.0-int-773: not enough flash for a push: Result 2', 2, '4.13'),
  failedPull('1.0-int-773: not enough flash for a pull: Result 2', 2),
  failedPush('1.0-int-774: out of RAM with a push: Result 3', 3, '4.13'),
  failedPull('1.0-int-774: out of RAM with a pull: Result 3', 3),
  {
    name: '1.0-int-775: the connection is lost in a pull: Result 4',
    configuration: updatable,
    run: async (world) => {
      let blocks = 0;
      world.network.watch(({ from }) => {
        if (from.address !== packageServerAddress) return;
        blocks += 1;
        if (blocks === 3) world.network.setConditionsAt(packageServerAddress, { loss: 1 });
      });
      assert.deepEqual(await pulled(world, goodPackage, [0, 4]), [0, 1, 0]);
      assert.ok(blocks < 5, 'the package did not come');
    },
  },
  failedPush('1.0-int-776: a corrupt push: Result 5', 5),
  failedPull('1.0-int-776: a corrupt pull: Result 5', 5),
  failedPush('1.0-int-777: a push of another type: Result 6', 6),
  failedPull('1.0-int-777: a pull of another type: Result 6', 6),
  {
    name: '1.0-int-778: a URI where nothing is: Result 7',
    configuration: updatable,
    run: async (world) => {
      const nothing = `coap://${packageServerAddress}/nothing`;
      assert.deepEqual(await pulled(world, goodPackage, [0, 7], nothing), [0, 1, 0]);
    },
  },
  {
    name: '1.0-int-779: an installation that fails: Result 8, Downloaded, and the old version runs',
    configuration: updatable,
    run: async (world) => {
      await pushed(world, badPackage(8));
      const watch = await world.observe('/5/0/3');
      expectCode(await world.execute('/5/0/2'), '2.04');
      await world.pass(5);
      assert.deepEqual(
        watch.notified.map(({ content }) => valueIn(content)),
        [2, 3, 2],
      );
      await expectStatus(world, 2, 8);
      assert.equal(valueOf(await world.read('/3/0/3')), '1.0');
    },
  },
  {
    name: '1.0-int-780: a protocol that is not supported: Result 9',
    configuration: updatable,
    run: async (world) => {
      await reset(world);
      expectCode(await world.put('/5/0/1', text, utf8('ftp://192.0.2.1/image')), '2.04');
      await reaches(world, 0, 9);
    },
  },
];

runCases('Firmware update (int-751 to 780)', cases);

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
  await Promise.resolve();
}

/** Notes how an update ends. */
async function endOf(update: Promise<FirmwareUpdate>, outcome: { words: string }): Promise<void> {
  try {
    outcome.words = (await update).state.kind;
  } catch (error) {
    assert.ok(error instanceof FirmwareUpdateError, String(error));
    outcome.words = error.message;
  }
}

/** Has our server bring an image to a device; gives how it ended, in words. */
async function updated(
  image: Uint8Array,
  { method = 'push', base }: { readonly method?: 'push' | 'pull'; readonly base?: string } = {},
): Promise<{ readonly words: string; readonly version: unknown }> {
  await using world = await EnablerWorld.open({
    configuration: updatable,
    manager: 'platform',
    ...(base !== undefined && { firmware: { uris: [base] } }),
  });
  await using _elsewhere = await CoapPackageServer.open(
    image,
    world.network.binding(packageServerAddress, 5683),
  );
  const { server } = world;
  const stored = await world.settled(
    server.firmware.add(whole(image), { name: 'valve.bin', version: '2.0' }),
  );
  const outcome = { words: '' };
  const ended = endOf(server.device(endpointName).firmware.update(stored, { method }), outcome);
  for (let minute = 0; minute < 600 && outcome.words === ''; minute += 1) await world.pass(60);
  await ended;
  return { ...outcome, version: valueOf(await world.read('/3/0/3')) };
}

describe('An update by our server ends in success, or in the result of the device in words', () => {
  const failures = [
    ['773', 2, /result 2: there is not enough flash memory for the image/],
    ['774', 3, /result 3: it ran out of RAM while it downloaded the image/],
    ['776', 5, /result 5: the integrity check of the image failed/],
    ['777', 6, /result 6: it does not support this type of image/],
    ['779', 8, /result 8: the installation failed/],
  ] as const;

  for (const [method, number] of [
    ['push', '770'],
    ['pull', '771'],
  ] as const) {
    it(`1.0-int-${number}: by ${method}`, async () => {
      assert.deepEqual(await updated(goodPackage, { method }), { words: 'succeeded', version: '2.0' });
    });

    for (const [name, result, words] of failures) {
      it(`1.0-int-${name}: fails by ${method}, ${String(words)}`, async () => {
        const ended = await updated(badPackage(result), { method });
        assert.match(ended.words, words);
        assert.equal(ended.version, '1.0');
      });
    }
  }

  it('1.0-int-775: tries several times where the connection is lost, and says so', async () => {
    const ended = await updated(goodPackage, { method: 'pull', base: 'coap://192.0.2.99' });
    assert.match(ended.words, /5 times in vain.*result 4: the connection was lost/);
  });

  it('1.0-int-778: says that there is no image at a URI that the operator was wrong about', async () => {
    const base = `coap://${packageServerAddress}/images`;
    const ended = await updated(goodPackage, { method: 'pull', base });
    assert.match(ended.words, /result 7: there is no image at the URI that it was given/);
  });
});
