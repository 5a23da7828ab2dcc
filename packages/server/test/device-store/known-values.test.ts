import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, utf8Encode } from '@dunlin/base';
import { ContentFormat, Method, type Response, ResponseCode } from '@dunlin/coap';
import { type Content, Device, formatValueText, pathOf, type ResourceContent } from '@dunlin/lwm2m';
import type { KnownValue } from '@dunlin/server';

import { endpoint, openSleepyBench, type SleepyBench } from '../support/sleepy-device.ts';
import { contentResponse, single } from '../support/test-server.ts';

async function known(bench: SleepyBench, path?: string): Promise<readonly KnownValue[]> {
  return await bench.server.device(endpoint).knownValues(path);
}

/** Paths with values and origins, in one line each. */
async function told(bench: SleepyBench): Promise<readonly string[]> {
  return (await known(bench)).map(({ path, resource, origin }) => {
    const values = resource.kind === 'single' ? [resource.value] : [...resource.values.values()];
    return `${path} ${values.map((value) => formatValueText(resource.type, value)).join(';')} ${origin}`;
  });
}

describe('The last known values of a device', () => {
  test('are those it answered with, of every Resource of what was read', async () => {
    await using bench = await openSleepyBench();
    const instance: Content = {
      kind: 'object-instance',
      resources: new Map<number, ResourceContent>([
        [0, { kind: 'single', type: 'string', value: 'Acme' }],
        [6, { kind: 'multiple', type: 'integer', values: new Map([[0, 1]]) }],
      ]),
    };
    bench.device.behaviour = ({ uriPath }) =>
      uriPath.length === 2
        ? contentResponse('/3/0', instance)
        : contentResponse('/3/0/0', single('string', 'Bcme'));
    const device = bench.server.device(endpoint);
    await bench.finish(device.read('/3/0'));
    assert.deepEqual(await told(bench), ['/3/0/0 Acme read', '/3/0/6 1 read']);
    await bench.pass(1000);
    await bench.finish(device.read(Device.manufacturer));
    assert.deepEqual(await told(bench), ['/3/0/0 Bcme read', '/3/0/6 1 read']);
    const [manufacturer] = await known(bench, '/3/0/0');
    assert.equal(manufacturer?.knownAt, bench.network.clock.now);
  });

  test('are those it notified, with the time at which it measured them', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    const json = (text: string): Response => ({
      code: ResponseCode.content,
      contentFormat: ContentFormat.json,
      payload: utf8Encode(text),
    });
    bench.device.behaviour = () => json('{"bn":"/3/0/0","e":[{"sv":"first"}]}');
    await bench.finish(device.observe('/3/0/0').started());
    assert.deepEqual(await told(bench), ['/3/0/0 first notified']);
    const history = '{"bn":"/3/0/0","bt":1893456000,"e":[{"t":-60,"sv":"old"},{"t":-5,"sv":"new"}]}';
    bench.device.notify(bench.device.relations[0], json(history));
    await bench.pass(100);
    assert.deepEqual(await told(bench), ['/3/0/0 new notified']);
    const [value] = await known(bench);
    assert.equal(value?.measuredAt, 1_893_455_995_000);
    assert.ok(value.knownAt > bench.network.clock.now - 1000);
  });

  test('are not set back by a notification that was overtaken (RFC 7641 §3.4)', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    await bench.finish(device.observe('/3/0/0').started());
    const [relation] = bench.device.relations;
    bench.network.setConditions({ delay: { minimum: milliseconds(500), maximum: milliseconds(500) } });
    bench.device.notify(relation, contentResponse('/3/0/0', single('string', 'earlier')));
    bench.network.setConditions({ delay: { minimum: milliseconds(5), maximum: milliseconds(5) } });
    bench.device.notify(relation, contentResponse('/3/0/0', single('string', 'later')));
    await bench.pass(2000);
    assert.deepEqual(await told(bench), ['/3/0/0 later notified']);
  });

  test('are those it took, but for what nobody can read', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    await bench.finish(device.write('/3/0/14', '+01:00'));
    await bench.finish(device.write('/5/0/0', Uint8Array.of(1, 2, 3)));
    await bench.finish(device.write('/1/0', { 1: 60, 2: 5 }, { mode: 'update' }));
    assert.deepEqual(await told(bench), ['/1/0/1 60 written', '/1/0/2 5 written', '/3/0/14 +01:00 written']);
  });

  test('are not made up: a refused Write leaves them, and an updated Multiple Resource may have more', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    const values = new Map([[0, 'x']]);
    await bench.finish(device.write('/9/0', { 2: values, 6: 'y' }, { mode: 'update' }));
    bench.device.behaviour = () => ({ code: ResponseCode.methodNotAllowed });
    await assert.rejects(bench.finish(device.write('/3/0/14', 'a')));
    assert.deepEqual(await told(bench), ['/9/0/6 y written']);
  });

  test('are those of a new Object Instance, under the id that the device gave it', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    await bench.finish(device.create('/3303', { 5700: 21.5 }));
    assert.deepEqual(await told(bench), ['/3303/7/5700 21.5 written']);
  });

  test('go with what they are of: deleted, not found, or ended with a 4.04 notification', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    for (const path of ['/3303/0/1', '/3303/1/1', '/3303/2/1', '/3303/3/1'])
      await bench.finish(device.write(path, 'a'));
    await bench.finish(device.observe('/3303/2/1').started());
    await bench.finish(device.delete('/3303/0'));
    bench.device.behaviour = ({ method }) =>
      method === Method.get ? { code: ResponseCode.notFound } : undefined;
    await assert.rejects(bench.finish(device.read('/3303/1')));
    bench.device.notify(bench.device.relations[0], { code: ResponseCode.notFound });
    await bench.pass(100);
    assert.deepEqual(await told(bench), ['/3303/3/1 a written']);
  });

  test('are there while it sleeps and when it is not registered any more', async () => {
    await using bench = await openSleepyBench();
    const device = bench.server.device(endpoint);
    await bench.finish(device.read('/3/0/0'));
    await bench.fallAsleep();
    assert.deepEqual(await told(bench), ['/3/0/0 Acme read']);
    await bench.server.deregister(endpoint);
    assert.deepEqual(await told(bench), ['/3/0/0 Acme read']);
    assert.deepEqual(await device.knownValues(pathOf(4)), []);
    assert.deepEqual(await bench.server.device('stranger').knownValues(), []);
  });
});
