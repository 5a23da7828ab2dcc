import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { ServerEventSchema } from '@dunlin/api';
import { ResponseCode } from '@dunlin/coap';
import * as Value from 'typebox/value';

import { FirmwareDevice } from '../../../../packages/server/test/support/firmware-device.ts';
import { eventText } from '../../src/cli/event-text.ts';
import { testApp } from '../support/test-app.ts';
import { testFirmwareApp } from '../support/test-firmware-app.ts';

const at = '/api/v1/devices/node-1/firmware';

describe('the updates of all devices over REST', () => {
  it('are listed by endpoint name in pages while they are under way, filtered by image and state', async () => {
    await using world = await testFirmwareApp();
    const { ask, bench } = world;
    for (const [index, endpointName] of ['b', 'a', 'c'].entries()) {
      const device = await FirmwareDevice.open(bench.network, {
        endpointName,
        address: `10.0.1.${index + 1}`,
      });
      await device.register();
      const install = endpointName === 'c' ? 'automatic' : 'manual';
      await ask('POST', `/api/v1/devices/${endpointName}/firmware`, { image: bench.image.id, install });
    }
    await bench.pass(20_000);
    const list = async (query: string): Promise<readonly [readonly string[], unknown]> => {
      const { updates, next } = (await ask('GET', `/api/v1/firmware/updates?${query}`)).body as {
        readonly updates: readonly { readonly endpoint: string; readonly state: string; log?: unknown }[];
        readonly next: unknown;
      };
      assert.ok(updates.every(({ log }) => log === undefined));
      return [updates.map(({ endpoint, state }) => `${endpoint} ${state}`), next];
    };
    assert.deepEqual(await list(''), [['a downloaded', 'b downloaded', 'c installing'], null]);
    assert.deepEqual(await list('limit=2'), [['a downloaded', 'b downloaded'], 'b']);
    assert.deepEqual(await list('limit=2&after=b'), [['c installing'], null]);
    assert.deepEqual(await list('contains=B'), [['b downloaded'], null]);
    assert.deepEqual(await list('contains=x'), [[], null]);
    assert.deepEqual(await list('state=installing'), [['c installing'], null]);
    assert.deepEqual(await list(`image=${bench.image.id}&state=waiting`), [[], null]);
    assert.deepEqual(await list(`image=${'0'.repeat(64)}`), [[], null]);
    for (const [query, field] of [
      ['image=..', 'query.image'],
      ['state=flying', 'query.state'],
      ['contains=', 'query.contains'],
      ['limit=0', 'query.limit'],
      ['after=', 'query.after'],
    ] as const)
      assert.equal((await ask('GET', `/api/v1/firmware/updates?${query}`)).body['field'], field);
  });
});

describe('the firmware of a device over REST', () => {
  it('is updated from the start to the end, with its state, progress and log (R-1050)', async () => {
    await using world = await testFirmwareApp();
    const { ask, bench } = world;
    assert.deepEqual((await ask('GET', at)).body['error'], 'unknown-update');
    const started = await ask('POST', at, { image: bench.image.id });
    assert.equal(started.status, 202);
    assert.equal(started.headers['location'], at);
    const { state, install, method, transferred, image } = started.body;
    assert.deepEqual(
      { state, install, method, transferred, image },
      {
        state: 'waiting',
        install: 'automatic',
        method: 'automatic',
        transferred: 0,
        image: { id: bench.image.id, name: 'image.bin', version: '2.0', size: 20_000 },
      },
    );
    await bench.reachInstallation();
    const installing = (await ask('GET', at)).body;
    assert.deepEqual([installing['state'], installing['transferred']], ['installing', 20_000]);
    await bench.device.installed();
    await bench.reach('succeeded');
    const { body } = await ask('GET', at);
    assert.deepEqual(
      [body['state'], body['versionBefore'], body['firmwareVersion'], body['attempts']],
      ['succeeded', '1.0', '2.0', 1],
    );
    assert.match(JSON.stringify(body['log']), /the image is pushed/);
    assert.ok(typeof body['finishedAt'] === 'string');
  });

  it('is told by events as it comes on and when it is over, without log and without the URI of a pull', async () => {
    await using world = await testFirmwareApp();
    const { ask, bench, events } = world;
    bench.device.resources.deliveryMethod = 0;
    await ask('POST', at, { image: bench.image.id });
    await bench.reachInstallation();
    await bench.device.installed();
    await bench.reach('succeeded');
    const updates = events.flatMap((event) =>
      event.type === 'firmware-progress' || event.type === 'firmware-finished' ? [event] : [],
    );
    for (const event of updates) {
      assert.ok(Value.Check(ServerEventSchema, event), JSON.stringify(event));
      assert.equal(event.update.log, undefined);
    }
    const states = updates.map(({ type, update }) => `${type} ${update.state}`);
    assert.deepEqual(
      states.filter((state, index) => state !== states[index - 1]),
      [
        'firmware-progress waiting',
        'firmware-progress transferring',
        'firmware-progress downloaded',
        'firmware-progress installing',
        'firmware-progress succeeded',
        'firmware-finished succeeded',
      ],
    );
    assert.deepEqual(updates.find(({ update }) => update.state === 'transferring')?.update.transfer, {
      method: 'pull',
      protocol: 'coap',
    });
    assert.ok(!JSON.stringify([...events, await ask('GET', at)]).includes('/fw/'));
    const lines = updates.map(eventText).join('');
    assert.match(lines, /node-1 {2}firmware image\.bin: 0 % of 19\.5 KiB \(pull by coap\)/);
    assert.match(lines, /node-1 {2}firmware image\.bin: succeeded: the firmware is 2\.0/);
  });

  it('is answered at the end of the update with ?wait=, and as it is when that takes longer', async () => {
    await using world = await testFirmwareApp();
    const { ask, bench } = world;
    await ask('POST', at, { image: bench.image.id });
    const [patient, impatient] = [ask('GET', `${at}?wait=600`), ask('GET', `${at}?wait=0.5`)];
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    await bench.reachInstallation();
    await bench.pass(1000);
    assert.equal((await impatient).body['state'], 'installing');
    await bench.device.installed();
    await bench.reach('succeeded');
    assert.equal((await patient).body['state'], 'succeeded');
    assert.equal((await ask('GET', `${at}?wait=601`)).body['field'], 'query.wait');
  });

  it('is installed when that is asked for, in manual mode', async () => {
    await using world = await testFirmwareApp();
    const { ask, bench } = world;
    const early = await ask('POST', `${at}/install`);
    assert.deepEqual([early.status, early.body['error']], [409, 'conflict']);
    await ask('POST', at, { image: bench.image.id, install: 'manual', method: 'push', blockSize: 64 });
    const { blockSize } = (await ask('GET', at)).body;
    assert.equal(blockSize, 64);
    await bench.reach('downloaded');
    const { status, body } = await ask('POST', `${at}/install`);
    assert.deepEqual([status, body['install']], [202, 'automatic']);
    await bench.reachInstallation();
    const late = await ask('DELETE', at);
    assert.deepEqual([late.status, late.body['error']], [409, 'conflict']);
  });

  it('is cancelled, and another update may follow', async () => {
    await using world = await testFirmwareApp();
    const { ask, bench } = world;
    assert.equal((await ask('DELETE', at)).status, 404);
    await ask('POST', at, { image: bench.image.id, install: 'manual' });
    const second = await ask('POST', at, { image: bench.image.id });
    assert.deepEqual([second.status, second.body['error']], [409, 'conflict']);
    await bench.reach('downloaded');
    assert.equal((await ask('DELETE', at)).body['state'], 'cancelling');
    await bench.reach('cancelled');
    assert.equal((await ask('DELETE', at)).body['state'], 'cancelled');
    assert.deepEqual((await ask('POST', at, { image: bench.image.id })).body['id'], 2);
  });

  it('fails with the result of the device in words (1.0 E.6, Update Result)', async () => {
    await using world = await testFirmwareApp();
    const { ask, bench, events } = world;
    bench.device.quirks.verify = () => ({ state: 0, result: 5 });
    await ask('POST', at, { image: bench.image.id });
    await bench.reach('failed');
    const failure = (await ask('GET', at)).body['failure'] as Record<string, unknown>;
    assert.deepEqual(
      [failure['reason'], failure['result'], failure['resultMeaning']],
      ['result', 5, 'the integrity check of the image failed'],
    );
    assert.match(String(failure['message']), /^node-1 .*integrity check/);
    const last = events.findLast(({ type }) => type === 'firmware-finished');
    assert.ok(last?.type === 'firmware-finished' && last.update.failure?.result === 5);
  });

  it('tells the CoAP code of a refusal', async () => {
    await using world = await testFirmwareApp();
    const { ask, bench } = world;
    bench.device.quirks.answer = ({ uriPath }) =>
      uriPath.join('/') === '5/0/0' ? { code: ResponseCode.unauthorized } : undefined;
    await ask('POST', at, { image: bench.image.id });
    await bench.reach('failed');
    const failure = (await ask('GET', at)).body['failure'] as Record<string, unknown>;
    assert.deepEqual([failure['reason'], failure['coapCode']], ['refused', '4.01']);
  });

  it('is kept for a device that is not registered now, and refused for one that never was', async () => {
    await using world = await testFirmwareApp();
    const { ask, bench } = world;
    await bench.server.server.deregister('node-1');
    assert.equal((await ask('POST', at, { image: bench.image.id })).status, 202);
    for (const [method, url] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/install'],
    ] as const) {
      const { status, body } = await ask(method, `/api/v1/devices/nobody/firmware${url}`);
      assert.deepEqual([status, body['error']], [404, 'unknown-device'], `${method} ${url}`);
    }
    const unknown = await ask('POST', '/api/v1/devices/nobody/firmware', { image: bench.image.id });
    assert.deepEqual([unknown.status, unknown.body['error']], [404, 'unknown-device']);
  });

  it('is refused for a device without the Firmware Update Object', async () => {
    await using world = await testFirmwareApp();
    const bare = await FirmwareDevice.open(world.bench.network, {
      endpointName: 'bare',
      address: '10.0.0.9',
    });
    await bare.register('</1/0>,</3/0>');
    const { status, body } = await world.ask('POST', '/api/v1/devices/bare/firmware', {
      image: world.bench.image.id,
    });
    assert.deepEqual([status, body['error']], [400, 'bad-request']);
    assert.match(String(body['message']), /bare does not have the Firmware Update Object/);
  });

  it('is refused with the field at fault for a body that makes no sense', async () => {
    const { ask } = await testApp();
    const image = '0'.repeat(64);
    for (const [body, field] of [
      [{}, 'body'],
      [[], 'body'],
      [{ image: 7 }, 'body.image'],
      [{ image: '../etc/passwd' }, 'body.image'],
      [{ image: image.slice(1) }, 'body.image'],
      [{ image, method: 'carry' }, 'body.method'],
      [{ image, protocol: 'ftp' }, 'body.protocol'],
      [{ image, method: 'push', protocol: 'coap' }, 'body.protocol'],
      [{ image, blockSize: 100 }, 'body.blockSize'],
      [{ image, install: true }, 'body.install'],
      [{ image, force: true }, 'body.force'],
    ] as const) {
      const answer = await ask('POST', '/api/v1/devices/lamp/firmware', body);
      assert.deepEqual([answer.status, answer.body['field']], [400, field], JSON.stringify(body));
    }
    const unknown = await ask('POST', '/api/v1/devices/lamp/firmware', { image });
    assert.deepEqual([unknown.status, unknown.body['error']], [404, 'unknown-image']);
  });
});
