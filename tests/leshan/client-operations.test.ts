// A device on Leshan 1.5 at `dunlin server`: another implementation's registrations, operations, notifications and firmware.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import {
  ApiError,
  type ContentDocument,
  type DeviceSummary,
  DunlinApi,
  type ResourceInput,
} from '@dunlin/api';

import { DunlinServer, TemporaryFolder, testToken } from '../support/dunlin-server.ts';
import { EventWatch } from '../support/event-watch.ts';
import { untilFits } from '../support/until.ts';
import { everyTypeFile } from './support/leshan-build.ts';
import { LeshanProgram, type LeshanSettings, skip } from './support/leshan-program.ts';

describe('a device on Leshan', { skip }, () => {
  let folder: TemporaryFolder;
  let dunlin: DunlinServer;
  let api: DunlinApi;
  /** The device that operations are asked of. */
  let device: LeshanProgram;
  const endpoint = 'leshan';

  before(async () => {
    folder = new TemporaryFolder();
    dunlin = await DunlinServer.start(folder.path);
    api = new DunlinApi({ url: dunlin.http, fetch, token: testToken });
    await dunlin.json('definitions', '--add', everyTypeFile);
    device = await registered(endpoint, { longest: '100000' });
  });

  after(async () => {
    await device?.[Symbol.asyncDispose]();
    await dunlin?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const registered = async (name: string, settings: LeshanSettings = {}): Promise<LeshanProgram> => {
    const program = new LeshanProgram('Client', { endpoint: name, server: dunlin.coap, ...settings });
    await program.told(/^registered /);
    return program;
  };
  const read = (path: string): Promise<ContentDocument> => api.read(endpoint, path);
  /** The values of an instance of Every Type, by the ids of its Resources. */
  const valuesOf = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
    const content = await read(path);
    assert.ok(content.kind === 'object-instance');
    return plain(content.resources);
  };
  const write = (resource: number, input: ResourceInput): Promise<void> =>
    api.write(endpoint, `/32800/0/${resource}`, input);

  it('registers with its Objects and a parameter of its own, updates and deregisters (1.0 §5.3)', async () => {
    await using other = await registered('leshan-life', { lifetime: '120', additional: 'of its own' });
    const { lifetime, version, bindingMode, objects, additional, registrationId } =
      await api.device('leshan-life');
    assert.deepEqual([lifetime, version, bindingMode], [120, '1.0', 'U']);
    assert.deepEqual(
      objects.map(({ id, instances }) => [id, instances]),
      [
        [1, [0]],
        [3, [0]],
        [5, [0]],
        [32_800, [0]],
      ],
    );
    assert.deepEqual({ ...additional }, { additional: 'of its own' });
    await other.ask('update');
    await other.told(/^registration updated/);
    assert.equal((await api.device('leshan-life')).registrationId, registrationId);

    await other.quit();
    assert.equal((await api.device('leshan-life')).state, 'offline');
  });

  it('registers anew without a word of the registration before (1.0 §5.3.1)', async () => {
    await using other = await registered('leshan-anew');
    const { registrationId } = await api.device('leshan-anew');
    await other.ask('stop');
    await other.ask('start');
    await other.told(/^registered /, 2);
    assert.notEqual((await api.device('leshan-anew')).registrationId, registrationId);
  });

  it('is read as an Object, an Object Instance and a Resource, in every data type (R-420)', async () => {
    const values = {
      0: 'Grüße, 鳥',
      1: -9_007_199_254_740_993n,
      2: -0.1,
      3: true,
      4: 'AAH/',
      5: 1_700_000_000,
      10: { 0: 'a', 300: 'b' },
      11: { 1: -(2n ** 63n), 2: 2n ** 63n - 1n },
      12: { 0: 1.5, 1: 1e300 },
      13: { 0: false, 7: true },
      14: { 0: '', 1: 'fw==' },
      20: 20.5,
    };
    // Leshan writes a Time into four bytes, whatever it is: that of 5,000,000,000 comes as the rest of a division by 2^32.
    const shown = { ...values, 15: { 0: 0, 1: 5_000_000_000 % 2 ** 32 } };
    assert.deepEqual(await valuesOf('/32800/0'), shown);
    const object = await read('/32800');
    assert.ok(object.kind === 'object');
    assert.deepEqual(plain(object.instances['0']?.resources ?? {}), shown);
    for (const [id, value] of Object.entries(values)) {
      const content = await read(`/32800/0/${id}`);
      assert.ok(content.kind === 'resource');
      assert.deepEqual(plain({ [id]: content }), { [id]: value });
    }
  });

  it('refuses what cannot be read, with the code that says why (1.0 §8.3)', async () => {
    for (const [path, code] of [
      ['/3/0/4', '4.05'],
      ['/32800/0/21', '4.05'],
      ['/3/0/2', '4.04'],
      ['/3/7', '4.04'],
      ['/9', '4.04'],
      // Ours answers 4.01 here, as the enabler tests have it.
      ['/0/0', '4.04'],
    ] as const) {
      await assert.rejects(read(path), refusal(code), path);
    }
  });

  it('is discovered down to its Resources (R-430)', async () => {
    const paths = async (path: string): Promise<readonly string[]> =>
      (await api.discover(endpoint, path)).map((link) => link.path);
    assert.deepEqual((await paths('/32800')).slice(0, 3), ['/32800', '/32800/0', '/32800/0/0']);
    assert.equal((await paths('/32800/0')).length, 18);
    assert.deepEqual(await paths('/3/0/6'), ['/3/0/6']);
  });

  it('takes values of every data type (R-440)', async () => {
    const single = { 0: '☃ neu', 1: -(2n ** 63n), 2: 1e-7, 3: false, 4: 'AAEC', 5: 1_600_000_000, 6: '3:0' };
    const multiple = { 10: { 0: 'x', 5: '' }, 11: { 9: 9 }, 16: { 0: '3:0', 5: '65535:65535' } };
    for (const [id, value] of Object.entries(single)) await write(Number(id), { value });
    for (const [id, values] of Object.entries(multiple)) await write(Number(id), { values });
    const now = await valuesOf('/32800/0');
    for (const [id, value] of Object.entries({ ...single, ...multiple })) assert.deepEqual(now[id], value);
    await write(21, { value: 'hidden' });
    await device.told(/^wrote \/32800\/0\/21 "hidden"$/);
    await assert.rejects(write(20, { value: 5 }), refusal('4.05'));
  });

  it('keeps what an update does not name, and loses what a replacement does not (R-440, R-441)', async () => {
    const earlier = await valuesOf('/32800/0');
    await api.write(endpoint, '/32800/0', { resources: { 1: 5, 2: 2.5 } }, { mode: 'update' });
    await device.told(/^updated \/32800\/0$/);
    assert.deepEqual(await valuesOf('/32800/0'), { ...earlier, 1: 5, 2: 2.5 });
    await api.write(endpoint, '/32800/0', { resources: { 0: 'only' } });
    await device.told(/^replaced \/32800\/0$/);
    assert.deepEqual(await valuesOf('/32800/0'), { 0: 'only', 20: 20.5 });
    await assert.rejects(api.write(endpoint, '/32800/0', { resources: { 1: 5 } }), refusal('4.00'));
  });

  it('takes and gives values in blocks (RFC 7959)', async () => {
    const bytes = Uint8Array.from({ length: 50_000 }, (_unused, index) => index % 251);
    await api.write(endpoint, '/32800/0/4', { raw: bytes });
    const content = await read('/32800/0/4');
    assert.ok(content.kind === 'resource' && 'value' in content);
    assert.equal(content.value, Buffer.from(bytes).toString('base64'));
  });

  it('says that a value is too long for it, and what is the longest it takes (RFC 7959 §2.9.3)', async () => {
    await using other = await registered('leshan-small');
    await assert.rejects(
      api.write('leshan-small', '/32800/0/4', { raw: new Uint8Array(20_000) }),
      (error) => refusal('4.13')(error) && /can process 8192 bytes max/.test(String(error)),
    );
    await other.quit();
  });

  it('executes, with arguments and without (R-460)', async () => {
    await api.execute(endpoint, '/32800/0/22');
    await device.told(/^executed \/32800\/0\/22$/);
    await api.execute(endpoint, '/32800/0/22', "0='text',1");
    await device.told(/^executed \/32800\/0\/22 0='text',1$/);
    await assert.rejects(api.execute(endpoint, '/32800/0/0'), refusal('4.05'));
  });

  it('creates instances with an id of its own or of ours, says so in an Update, and deletes them (R-470, R-480)', async () => {
    const chosen = await api.create(endpoint, '/32800', { resources: { 0: 'chosen by the device' } });
    assert.match(chosen, /^\/32800\/\d+$/);
    const resources = { 0: 'chosen by us', 4: 'AAEC' };
    assert.equal(await api.create(endpoint, '/32800', { resources, instanceId: 77 }), '/32800/77');
    assert.deepEqual(await valuesOf('/32800/77'), resources);
    const instances = async (): Promise<readonly number[] | undefined> =>
      (await api.device(endpoint)).objects.find(({ id }) => id === 32_800)?.instances;
    await untilFits(instances, (ids) => ids?.includes(77) === true);
    await assert.rejects(
      api.create(endpoint, '/32800', { resources, instanceId: 77 }),
      refusal('4.00'),
      'an id that is taken',
    );
    await assert.rejects(
      api.create(endpoint, '/32800', { resources: { 1: 0 } }),
      refusal('4.00'),
      'a mandatory Resource that is missing',
    );
    for (const path of [chosen, '/32800/77']) {
      await api.delete(endpoint, path);
      await device.told(new RegExp(`^deleted ${path}$`));
      await assert.rejects(api.delete(endpoint, path), refusal('4.04'));
    }
    await assert.rejects(api.delete(endpoint, '/3/0'), refusal('4.05'));
    await untilFits(instances, (ids) => ids?.length === 1);
  });

  it('notifies of Resources, Object Instances and Objects, until the observation is cancelled (R-500, R-504)', async () => {
    await using events = await EventWatch.open(dunlin.http);
    const notified = (path: string, value: number): Promise<unknown> =>
      events.find('notification', ({ content }) => {
        const { path: where } = content;
        return where === path && JSON.stringify(content).includes(`"value":${value}`);
      });
    const paths = ['/32800', '/32800/0', '/32800/0/20'];
    for (const path of paths) assert.equal((await api.observe(endpoint, path)).state, 'active');
    await device.ask('set', '/32800/0', '20=-5.25');
    for (const path of paths) await notified(path, -5.25);

    await api.cancelObservation(endpoint, '/32800/0', { way: 'active' });
    await api.cancelObservation(endpoint, '/32800/0/20', { way: 'passive' });
    await device.ask('set', '/32800/0', '20=-6.25');
    await notified('/32800', -6.25);
    // The notification that is rejected tells the device of the passive one.
    await device.ask('set', '/32800/0', '20=-7.25');
    await notified('/32800', -7.25);
    const late = events.events.filter(
      (event) =>
        event.type === 'notification' &&
        event.content.path !== '/32800' &&
        JSON.stringify(event.content).includes('"value":-7.25'),
    );
    assert.deepEqual(late, []);
    await api.cancelObservation(endpoint, '/32800');
  });

  it('refuses attributes, which Leshan has since 2.0 only, and nothing is wished then (R-450)', async () => {
    await assert.rejects(api.writeAttributes(endpoint, '/32800/0/20', { pmin: 1 }), refusal('5.00'));
    assert.deepEqual(await api.attributes(endpoint), []);
  });

  it('is updated by a push of blocks to Object 5, and installs at once', async () => {
    const bytes = new Uint8Array(30_000).fill(1);
    const { id } = await api.firmware.upload(bytes, { name: 'leshan.bin', version: '2.0' });
    await api.firmware.update(endpoint, { image: id });
    await untilFits(
      () => api.firmware.status(endpoint, { wait: 20 }),
      ({ state }) => state === 'succeeded',
    );
    assert.equal(device.count(/^package of 30000$/), 1);
    const version = await read('/3/0/3');
    assert.ok(version.kind === 'resource' && 'value' in version && version.value === '2.0');
  });

  it('is asked in its awake window only when it says UQ (R-803)', async () => {
    await using other = await registered('leshan-sleeper', { binding: 'UQ' });
    assert.equal((await api.device('leshan-sleeper')).presence, 'awake');
    await dunlin.json('devices', 'leshan-sleeper', '--awake-window', '1');
    const known = (): Promise<DeviceSummary> => api.device('leshan-sleeper');
    await untilFits(known, ({ presence }) => presence === 'asleep');
    const asked = api.read('leshan-sleeper', '/3/0/0', { wait: 60 });
    await untilFits(known, ({ queued }) => queued === 1);
    await other.ask('update');
    const content = await asked;
    assert.ok(content.kind === 'resource' && 'value' in content && content.value === 'Eclipse Leshan');
  });
});

/** Whether an error is that of a device that refused with a code; for `assert.rejects`. */
function refusal(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.coapCode, code);
    return true;
  };
}

/** The value or values of each Resource. */
function plain(
  resources: Readonly<Record<string, { readonly value: unknown } | { readonly values: object }>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [
      id,
      'value' in resource ? resource.value : { ...resource.values },
    ]),
  );
}
