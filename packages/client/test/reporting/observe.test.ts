import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Device } from '@dunlin/lwm2m';
import { fullRights } from '@dunlin/client';

import { probeObject } from '../support/probe-device.ts';
import { completeDevice, portfolioObject, Probe } from '../support/reference-device.ts';
import { bytes, hex, json, lifetime, serverUri, text, tlv, World } from '../support/world.ts';

const open = () => World.registered({ objects: [completeDevice(), probeObject(), portfolioObject()] });
const texts = (watch: { readonly notifications: readonly { readonly text: string }[] }) =>
  watch.notifications.map((notification) => notification.text);

describe('Observe (1.0 §5.5.1)', () => {
  test('the answer is 2.05 with an Observe option and the value, and a change is notified (R-501)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/1', text);
    assert.deepEqual([watch.notifications[0]?.code, watch.notifications[0]?.hasObserve], ['2.05', true]);
    world.client.set(Probe(0).label, 'other');
    await world.pass(1);
    assert.deepEqual(texts(watch), ['probe', 'other']);
  });

  for (const [path, code] of [
    ['/26241/9', '4.04'],
    ['/26241/0/99', '4.04'],
    ['/26241/0/3', '4.05'],
    ['/26241/0/4', '4.05'],
    ['/4711', '4.04'],
    ['/0', '4.01'],
  ] as const) {
    test(`what cannot be read cannot be observed: ${path} is ${code}, without an Observe option (R-501)`, async () => {
      const world = await open();
      const watch = await world.observe(path);
      assert.deepEqual([watch.ended?.code, watch.ended?.hasObserve], [code, false]);
    });
  }

  test('an Accept that cannot be served is 4.06 and no observation (R-501)', async () => {
    const watch = await (await open()).observe('/26241/0', text);
    assert.equal(watch.ended?.code, '4.06');
  });

  test('every notification of an Object has all its readable instances (R-502)', async () => {
    const world = await open();
    const watch = await world.observe('/26241', json);
    world.client.set(Probe(3).level, 2);
    await world.pass(1);
    assert.match(texts(watch)[1] ?? '', /"0\/0".*"3\/0","v":2/);
  });

  test('every notification of an instance has all its readable Resources (R-502)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/3', json);
    world.client.set(Probe(3).level, 2);
    await world.pass(1);
    assert.match(texts(watch)[1] ?? '', /"n":"0","v":2.*"n":"2","v":1/);
  });

  test('every notification of a Multiple Resource has the whole array (R-502)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/5', tlv);
    world.client.set(
      Probe(0).flags,
      new Map([
        [0, false],
        [1, false],
      ]),
    );
    await world.pass(1);
    assert.deepEqual(watch.notifications[1]?.payload, hex('8605410000410100'));
  });

  test('every notification has the format of the first answer (R-502)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/1', json);
    world.client.set(Probe(0).label, 'other');
    await world.pass(1);
    assert.deepEqual(
      watch.notifications.map(({ contentFormat }) => contentFormat),
      [json, json],
    );
  });

  test('a change of something else notifies nobody', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/1');
    world.client.set(Probe(0).limit, 51);
    world.client.set(Probe(3).label, 'x');
    await world.pass(5);
    assert.equal(watch.notifications.length, 1);
  });

  test('setting the same value again is no change (R-533)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/1');
    world.client.set(Probe(0).label, 'probe');
    await world.pass(5);
    assert.equal(watch.notifications.length, 1);
  });

  test('several changes in one step make one notification', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0');
    world.client.change((objects) => {
      objects.set(Probe(0).label, 'one');
      objects.set(Probe(0).limit, 1);
    });
    await world.pass(1);
    assert.equal(watch.notifications.length, 2);
  });

  test('a dynamic value is reported when the device says that it changed', async () => {
    let free = 100;
    const world = await World.registered({ objects: [completeDevice({ memoryFree: () => free })] });
    const watch = await world.observe('/3/0/10', text);
    free = 50;
    await world.pass(10);
    assert.equal(watch.notifications.length, 1);
    world.client.changed(Device.memoryFree);
    await world.pass(1);
    assert.deepEqual(texts(watch), ['100', '50']);
  });

  test('what the Server writes itself is reported to it as well (R-509)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/1', text);
    assert.equal((await world.put('/26241/0/1', text, bytes('mine'))).code, '2.04');
    await world.pass(1);
    assert.deepEqual(texts(watch), ['probe', 'mine']);
  });

  test('a Create and a Delete are reported to whoever observes the Object (R-502)', async () => {
    const world = await open();
    const watch = await world.observe('/26241', json);
    await world.post('/26241', tlv, hex('06 07 c4 00 3f800000'));
    await world.pass(1);
    assert.match(texts(watch)[1] ?? '', /"7\/0"/);
    await world.delete('/26241/7');
    await world.pass(1);
    assert.doesNotMatch(texts(watch)[2] ?? '"7/0"', /"7\/0"/);
  });

  test('two observations of one path with different tokens live side by side (R-503)', async () => {
    const world = await open();
    const first = await world.observe('/26241/0/1', text);
    const second = await world.observe('/26241/0/1', json);
    world.client.set(Probe(0).label, 'other');
    await world.pass(1);
    assert.deepEqual([first.notifications.length, second.notifications.length], [2, 2]);
  });

  test('a Server has so many observations only; one more is answered as a plain Read (RFC 7641 §4.1)', async () => {
    const world = await World.registered({
      objects: [completeDevice()],
      limits: { observationsPerServer: 1 },
    });
    await world.observe('/3/0/9');
    const second = await world.observe('/3/0/10', text);
    assert.deepEqual(
      [second.ended?.code, second.ended?.hasObserve, second.ended?.text],
      ['2.05', false, '15'],
    );
  });

  test('the sequence of a large notification is fetched in blocks', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/9', 42);
    world.client.set(Probe(0).blob, new Uint8Array(3000).fill(9));
    await world.pass(2);
    assert.equal(watch.notifications[1]?.payload.length, 3000);
  });
});

describe('the end of an observation (1.0 §5.5, R-504, R-505)', () => {
  for (const notifications of ['non-confirmable', 'confirmable'] as const) {
    test(`X-IR-3: a Reset to a ${notifications} notification ends it (R-504)`, async () => {
      const world = await World.registered({ objects: [completeDevice(), probeObject()], notifications });
      const watch = await world.observe('/26241/0/1');
      world.server.cancel(watch, 'passive');
      world.client.set(Probe(0).label, 'one');
      await world.pass(1);
      assert.ok(
        world.diagnostics.some(
          (diagnostic) => diagnostic.kind === 'observation-ended' && diagnostic.reason === 'cancelled',
        ),
      );
      const sent = world.network.counts.sent;
      world.client.set(Probe(0).label, 'two');
      await world.pass(1);
      assert.equal(world.network.counts.sent, sent, 'not a datagram more');
    });
  }

  test('Observe 1 with its token ends it; the answer is 2.05 without Observe (R-504)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/1', text);
    world.server.cancel(watch, 'active');
    await world.pass(1);
    assert.deepEqual(
      [watch.ended?.code, watch.ended?.hasObserve, watch.ended?.text],
      ['2.05', false, 'probe'],
    );
    world.client.set(Probe(0).label, 'other');
    await world.pass(1);
    assert.equal(watch.notifications.length, 1);
  });

  test('Observe 1 with another token ends what is observed at that path (R-504)', async () => {
    const world = await open();
    const first = await world.observe('/26241/0/1');
    const elsewhere = await world.observe('/26241/0/6');
    const other = await world.observe('/26241/0/1');
    world.server.cancel(other, 'active');
    await world.pass(1);
    world.client.set(Probe(0).label, 'x');
    world.client.set(Probe(0).limit, 1);
    await world.pass(1);
    assert.equal(first.notifications.length, 1);
    assert.equal(elsewhere.notifications.length, 2);
  });

  test('a Read of the path does not end it', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/1');
    await world.read('/26241/0/1');
    world.client.set(Probe(0).label, 'x');
    await world.pass(1);
    assert.equal(watch.notifications.length, 2);
  });

  for (const [name, path] of [
    ['the instance itself', '/26241/3'],
    ['a Resource of it', '/26241/3/0'],
  ] as const) {
    test(`when the target is deleted the last notification is 4.04: ${name} (R-505)`, async () => {
      const world = await open();
      const watch = await world.observe(path);
      assert.equal((await world.delete('/26241/3')).code, '2.02');
      await world.pass(1);
      assert.equal(watch.ended?.code, '4.04');
      world.client.createInstance(Probe, 3, { level: 5, count: 5 });
      await world.pass(5);
      assert.equal(watch.notifications.length, 1);
    });
  }

  test('when a Replace removes an observed Resource the last notification is 4.04 (R-505)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/1');
    await world.put('/26241/0', tlv, hex('c4 00 3f800000'));
    await world.pass(1);
    assert.equal(watch.ended?.code, '4.04');
  });

  test('when the device cannot give the value any more the last notification is 5.00', async () => {
    let isBroken = false;
    const memoryFree = () => {
      if (isBroken) throw new Error('broken');
      return 1;
    };
    const world = await World.registered({ objects: [completeDevice({ memoryFree })] });
    const watch = await world.observe('/3/0/10');
    isBroken = true;
    world.client.changed(Device.memoryFree);
    await world.pass(1);
    assert.equal(watch.ended?.code, '5.00');
  });

  test('a new Register ends all (R-505, R-506)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/1');
    world.client.restart();
    await world.until(() => world.server.lines.length === 2);
    await world.pass(1);
    world.client.set(Probe(0).label, 'x');
    await world.pass(5);
    assert.equal(watch.notifications.length, 1);
    assert.ok(
      world.diagnostics.some(
        (diagnostic) => diagnostic.kind === 'observation-ended' && diagnostic.reason === 'registration-ended',
      ),
    );
  });

  test('an Update leaves all as they are (R-506)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/1');
    world.client.update();
    await world.until(() => world.server.lines.length === 2);
    await world.pass(1);
    world.client.set(Probe(0).label, 'x');
    await world.pass(1);
    assert.equal(watch.notifications.length, 2);
  });

  test('the end of the lifetime ends all (R-505, R-340)', async () => {
    const world = await World.registered({
      objects: [completeDevice(), probeObject()],
      servers: [{ uri: serverUri, shortServerId: 101, lifetime: lifetime(40) }],
    });
    await world.observe('/26241/0/1');
    const accept = world.server.script;
    world.server.script = (received) => (received.line === 'POST /rd/1' ? undefined : accept(received));
    await world.pass(39);
    assert.equal(world.client.sizes.observations, 1);
    await world.pass(2);
    assert.equal(world.client.sizes.observations, 0);
    assert.equal(world.client.servers[0]?.location, '/rd/2');
  });

  test('a Deregister ends all (R-505)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/1');
    assert.equal((await world.execute('/1/0/4')).code, '2.04');
    await world.pass(1);
    world.client.set(Probe(0).label, 'x');
    await world.pass(5);
    assert.equal(watch.notifications.length, 1);
  });

  test('a confirmable notification that nobody acknowledges ends it (R-507)', async () => {
    const world = await World.registered({
      objects: [completeDevice(), probeObject()],
      notifications: 'confirmable',
    });
    await world.observe('/26241/0/1');
    world.network.setConditions({ loss: 1 });
    world.client.set(Probe(0).label, 'x');
    await world.until(() => world.diagnostics.some((diagnostic) => diagnostic.kind === 'observation-ended'));
    const ended = world.diagnostics.find((diagnostic) => diagnostic.kind === 'observation-ended');
    assert.equal(ended?.kind === 'observation-ended' && ended.reason, 'unacknowledged');
  });
});

const typeOfNotification = async (notifications: 'confirmable' | 'non-confirmable') => {
  const world = await World.registered({ objects: [completeDevice(), probeObject()], notifications });
  await world.observe('/26241/0/1');
  let type: number | undefined;
  world.network.watch(({ from, datagram }) => {
    if (from.address === '192.0.2.7') type ??= ((datagram[0] ?? 0) >> 4) & 3;
  });
  world.client.set(Probe(0).label, 'x');
  await world.pass(1);
  return type;
};

describe('notifications (R-507, R-508)', () => {
  test('they are non-confirmable by default, and confirmable by option', async () => {
    assert.equal(await typeOfNotification('non-confirmable'), 1);
    assert.equal(await typeOfNotification('confirmable'), 0);
  });

  test('one in 24 hours is confirmable whatever the option (R-507)', async () => {
    const world = await open();
    await world.observe('/26241/0/1');
    const types: number[] = [];
    world.network.watch(({ from, datagram }) => {
      if (from.address === '192.0.2.7' && datagram[1] === 0x45) types.push(((datagram[0] ?? 0) >> 4) & 3);
    });
    world.client.set(Probe(0).label, 'one');
    await world.pass(86_500);
    world.client.set(Probe(0).label, 'two');
    await world.pass(1);
    assert.deepEqual(types, [1, 0]);
  });

  test('the Observe value increases (RFC 7641 §4.4)', async () => {
    const world = await open();
    const watch = await world.observe('/26241/0/6', text);
    for (let value = 1; value <= 20; value += 1) {
      world.client.set(Probe(0).limit, value);
      await world.pass(1);
    }
    assert.deepEqual(
      texts(watch).slice(1),
      Array.from({ length: 20 }, (_, index) => String(index + 1)),
    );
  });

  test('without the right to Read nothing is sent, until it is back (R-508)', async () => {
    let read = true;
    const world = await World.registered({
      objects: [completeDevice(), probeObject()],
      accessPolicy: () => ({ ...fullRights, read }),
    });
    const watch = await world.observe('/26241/0/1', text);
    read = false;
    world.client.set(Probe(0).label, 'hidden');
    await world.pass(5);
    assert.equal(watch.notifications.length, 1);
    read = true;
    world.client.set(Probe(0).label, 'seen');
    await world.pass(1);
    assert.deepEqual(texts(watch), ['probe', 'seen']);
  });
});
