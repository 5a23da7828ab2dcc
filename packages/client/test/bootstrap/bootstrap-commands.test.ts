import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { noBytes } from '@dunlin/base';
import { device, fullRights, objectInstances, type ObjectSetup } from '@dunlin/client';
import { ContentFormat, Method } from '@dunlin/coap';
import { AccessControl, Device, Server } from '@dunlin/lwm2m';
import { SimulatedNetwork } from '@dunlin/simulation';

import { BootstrapWorld, instancePayload, payloadOf, security, server } from '../support/bootstrap-world.ts';
import { probeObject } from '../support/probe-device.ts';
import { completeDevice, Probe } from '../support/reference-device.ts';
import { hex } from '../support/world.ts';

const { text, opaque, tlv, json, linkFormat } = ContentFormat;

describe('Write by a Bootstrap-Server (1.0 §5.2.7.4)', () => {
  test('of an Object holds one instance or several, with their ids (R-240)', async () => {
    const it = await BootstrapWorld.started();
    // /1 with the instances 0 and 1, each with a short server id and a lifetime of 60 s.
    const payload = hex('08 00 07 c2 00 0065 c1 01 3c 08 01 07 c2 00 0066 c1 01 3c'.replaceAll(' ', ''));
    assert.equal((await it.world.put('/1', tlv, payload)).code, '2.04');
    assert.match((await it.world.discover('/1')).text, /<\/1\/0>;ssid=101,<\/1\/1>;ssid=102/);
  });

  test('of a Resource makes the instance that is not there (R-241)', async () => {
    const it = await BootstrapWorld.started();
    assert.equal((await it.world.put('/1/7/0', text, payloadOf('55'))).code, '2.04');
    assert.match((await it.world.discover('/1')).text, /<\/1\/7>;ssid=55/);
  });

  test('of an instance replaces it: what is left out is not there (R-241, R-242)', async () => {
    const it = await BootstrapWorld.started();
    await it.write('/0/1', security);
    await it.write('/1/0', { ...server, 2: 10 });
    await it.write('/1/0', server);
    assert.equal((await it.finish()).code, '2.04');
    assert.equal(it.world.client.get(Server(0).defaultMinimumPeriod), undefined);
    assert.equal(it.world.client.get(Server(0).lifetime), 300);
  });

  test('passes over Resources that are not known (R-242)', async () => {
    const it = await BootstrapWorld.started();
    const payload = Uint8Array.of(...instancePayload('/1/0', server), ...hex('c164aa'));
    assert.equal((await it.world.put('/1/0', tlv, payload)).code, '2.04');
    assert.equal((await it.world.put('/1/0/99', text, payloadOf('1'))).code, '4.04');
  });

  test('takes keys of the SMS binding without bytes as none, as Leshan writes them', async () => {
    const it = await BootstrapWorld.started();
    await it.write('/0/1', { ...security, 8: new Uint8Array(16) });
    assert.equal((await it.world.put('/0/1/8', opaque, noBytes)).code, '2.04');
    await it.write('/0/1', { ...security, 7: noBytes, 8: noBytes });
    assert.equal((await it.world.put('/0/1/8', opaque, new Uint8Array(15))).code, '4.00');
    await it.write('/1/0', server);
    assert.equal((await it.finish()).code, '2.04');
  });

  test('does not ask which operations a Resource has for Servers (R-203)', async () => {
    const it = await BootstrapWorld.started();
    assert.equal((await it.world.put('/3/0/0', text, payloadOf('Renamed'))).code, '2.04');
    await it.provision();
    assert.equal(it.world.client.get(Device.manufacturer), 'Renamed');
  });

  test('is refused where type, range or format do not fit, and nothing of it is planned', async () => {
    const it = await BootstrapWorld.started();
    for (const [path, format, payload, code] of [
      ['/1/0/1', text, payloadOf('abc'), '4.00'],
      ['/1/0', tlv, hex('c8'), '4.00'],
      ['/1/0/1', linkFormat, payloadOf('</1>'), '4.15'],
      ['/1/0', text, payloadOf('1'), '4.15'],
      ['/1/0/1', undefined, payloadOf('1'), '4.00'],
      ['/0/1/2', text, payloadOf('9'), '4.00'],
      ['/99', json, payloadOf('{"e":[]}'), '4.04'],
      ['/3/1/0', text, payloadOf('x'), '4.00'],
      ['/1/65535/0', text, payloadOf('1'), '4.00'],
      ['/', text, payloadOf('1'), '4.00'],
      ['/1/0/0/0', text, payloadOf('1'), '4.00'],
    ] as const) {
      assert.equal((await it.world.put(path, format, payload)).code, code, path);
    }
    assert.equal((await it.world.discover('/1')).text, 'lwm2m="1.0",</1>');
  });

  test('that is refused takes nothing back of what was planned before', async () => {
    const it = await BootstrapWorld.started();
    await it.write('/0/1', security);
    await it.write('/1/0', server);
    const half = Uint8Array.of(...instancePayload('/1/0', { 1: 900 }), ...hex('c1000000'));
    assert.equal((await it.world.put('/1/0', tlv, half)).code, '4.00');
    assert.equal((await it.finish()).code, '2.04');
    assert.equal(it.world.client.get(Server(0).lifetime), 300);
  });

  test('of a second Bootstrap-Server account is refused (R-202)', async () => {
    const it = await BootstrapWorld.started();
    const second = { ...security, 0: 'coap://192.0.2.9', 1: true };
    assert.equal((await it.write('/0/1', second)).code, '4.00');
    // The account that is there may be changed.
    assert.equal((await it.world.put('/0/0/11', text, payloadOf('20'))).code, '2.04');
  });

  test('does not lose what the device itself changes meanwhile', async () => {
    const it = await BootstrapWorld.started();
    assert.equal((await it.world.put('/3/0/1', text, payloadOf('Model Z'))).code, '2.04');
    it.world.client.set(Device.serialNumber, 'new');
    await it.provision();
    assert.equal(it.world.client.get(Device.modelNumber), 'Model Z');
    assert.equal(it.world.client.get(Device.serialNumber), 'new');
  });
});

describe('Delete by a Bootstrap-Server (1.0 §5.2.7.5)', () => {
  const withInstances = async (): Promise<BootstrapWorld> => {
    const it = await BootstrapWorld.started();
    await it.write('/0/1', security);
    await it.write('/0/2', { ...security, 0: 'coap://192.0.2.3', 10: 102 });
    await it.write('/1/0', server);
    return it;
  };

  test('of everything keeps the Bootstrap-Server account, /3/0 and what stands for hardware (R-245, R-246)', async () => {
    const it = await BootstrapWorld.started({
      objects: [completeDevice(), probeObject({ isCreatable: false })],
    });
    await it.write('/0/1', security);
    await it.write('/1/0', server);
    assert.equal((await it.delete('/')).code, '2.02');
    assert.equal((await it.delete('/')).code, '2.02');
    const links = (await it.world.discover('/')).text;
    assert.match(links, /^lwm2m="1.0",<\/0\/0>,<\/1>,<\/3\/0>/);
    assert.match(links, new RegExp(`</${Probe.definition.id}/0>`));
  });

  test('of everything takes instances that Servers may delete', async () => {
    const it = await BootstrapWorld.started({ objects: [completeDevice(), probeObject({})] });
    assert.equal((await it.delete('/')).code, '2.02');
    assert.match((await it.world.discover('/')).text, new RegExp(`</${Probe.definition.id}>`));
  });

  test('of an Object, of an instance, and of what is not there (R-245, R-248)', async () => {
    const it = await withInstances();
    assert.equal((await it.delete('/0/2')).code, '2.02');
    assert.equal((await it.delete('/0/2')).code, '2.02');
    assert.equal((await it.world.discover('/0')).text, 'lwm2m="1.0",</0/0>,</0/1>;ssid=101');
    assert.equal((await it.delete('/0')).code, '2.02');
    assert.equal((await it.world.discover('/0')).text, 'lwm2m="1.0",</0/0>');
    assert.equal((await it.delete('/1')).code, '2.02');
    assert.equal((await it.world.discover('/1')).text, 'lwm2m="1.0",</1>');
  });

  test('of what must stay, by name, and of what cannot be deleted is 4.00 (R-246, R-247)', async () => {
    const it = await withInstances();
    for (const path of ['/0/0', '/3/0', '/3/0/0', '/99', '/99/0']) {
      assert.equal((await it.delete(path)).code, '4.00', path);
    }
  });
});

describe('Discover by a Bootstrap-Server (1.0 §5.2.7.3)', () => {
  test('tells Objects and instances with their short server ids, Security among them (R-250, R-251)', async () => {
    const it = await BootstrapWorld.started();
    await it.write('/0/1', security);
    await it.write('/1/0', server);
    const answer = await it.world.discover('/');
    assert.equal(answer.code, '2.05');
    assert.equal(answer.contentFormat, linkFormat);
    assert.equal(answer.text, 'lwm2m="1.0",</0/0>,</0/1>;ssid=101,</1/0>;ssid=101,</3/0>');
    assert.equal((await it.world.discover('/0')).text, 'lwm2m="1.0",</0/0>,</0/1>;ssid=101');
  });

  test('of an Object that is not supported is 4.04, below Objects 4.00 (R-253)', async () => {
    const it = await BootstrapWorld.started();
    assert.equal((await it.world.discover('/99')).code, '4.04');
    assert.equal((await it.world.discover('/3/0')).code, '4.00');
    assert.equal((await it.world.read('/3')).code, '4.00');
  });
});

describe('Finish (1.0 §5.2.7.2)', () => {
  const rejects = async (
    write: (it: BootstrapWorld) => Promise<unknown>,
    reason: RegExp,
    objects?: readonly ObjectSetup[],
  ): Promise<BootstrapWorld> => {
    const it = await BootstrapWorld.started(objects === undefined ? {} : { objects });
    await write(it);
    const answer = await it.finish();
    assert.equal(answer.code, '4.06', answer.text);
    assert.match(answer.text, reason);
    assert.deepEqual(it.world.client.objects.instanceIds(1), []);
    return it;
  };
  const other = { ...security, 0: 'coap://192.0.2.3', 10: 102 };

  test('without an account, or with half of one, is 4.06 (R-261)', async () => {
    await rejects(async () => undefined, /no account/);
    await rejects((it) => it.write('/0/1', security), /no account/);
    await rejects((it) => it.write('/1/0', server), /no account/);
    await rejects(async (it) => {
      await it.write('/0/1', security);
      await it.write('/1/0', server);
      await it.write('/0/2', other);
    }, /\/0\/2 has no Server instance/);
  });

  test('with a mandatory Resource missing is 4.06 (R-261)', async () => {
    await rejects(async (it) => {
      await it.write('/0/1', security);
      await it.write('/1/0', { 0: 101, 1: 300, 6: true });
    }, /\/1\/0\/7 .* mandatory/);
    await rejects(async (it) => {
      await it.write('/0/1', { 0: 'coaps://192.0.2.2', 1: false, 2: 0, 10: 101 });
      await it.write('/1/0', server);
    }, /\/0\/1\/3 .* mandatory/);
  });

  test('keys may be missing where there is no security (R-1002)', async () => {
    const it = await BootstrapWorld.started();
    await it.write('/0/1', { 0: 'coap://192.0.2.2', 1: false, 2: 3, 10: 101 });
    await it.write('/1/0', server);
    assert.equal((await it.finish()).code, '2.04');
  });

  test('with short server ids that are not unique or out of range is 4.06 (R-110, R-261)', async () => {
    await rejects(async (it) => {
      await it.write('/0/1', security);
      await it.write('/0/2', { ...other, 10: 101 });
      await it.write('/1/0', server);
    }, /101 occurs twice in Object 0/);
    await rejects(async (it) => {
      await it.write('/0/1', security);
      await it.write('/1/0', server);
      await it.write('/1/1', server);
    }, /101 occurs twice in Object 1/);
    await rejects(async (it) => {
      const { 10: _id, ...nameless } = security;
      await it.write('/0/1', nameless);
      await it.write('/1/0', server);
    }, /missing or out of range/);
  });

  test('with a URI that does not go with mode, keys or the device is 4.06 (R-261)', async () => {
    for (const [change, reason] of [
      [{ 0: 'http://192.0.2.2' }, /coap/],
      [{ 0: 'coaps://192.0.2.2' }, /does not go with/],
      [{ 2: 0, 3: payloadOf('id'), 5: payloadOf('key') }, /does not go with/],
      [{ 0: 'coaps://192.0.2.2', 2: 0, 3: payloadOf('id'), 5: payloadOf('key') }, /no way to/],
      [{ 0: 'coap://192.0.2.1:5683' }, /same host and port/],
    ] as const) {
      await rejects(async (it) => {
        await it.write('/0/1', { ...security, ...change });
        await it.write('/1/0', server);
      }, reason);
    }
  });

  test('with a binding mode that the device does not support is 4.06', async () => {
    await rejects(async (it) => {
      await it.write('/0/1', security);
      await it.write('/1/0', { ...server, 7: 'SQ' });
    }, /binding/);
  });

  test('with a way of short messages that cannot be is 4.06, in words (R-750)', async () => {
    const silent = new SimulatedNetwork(2);
    const sms = {
      number: '491700000001',
      open: () => ({ plain: silent.binding('192.0.2.8', 1), secure: silent.binding('192.0.2.8', 2) }),
    };
    const objects = [
      device({ manufacturer: 'Dunlin', supportedBindingAndModes: 'UQS', onReboot: () => undefined }),
    ];
    for (const [change, reason, options] of [
      [{ 6: 2, 9: '10690' }, /smartcard/, { sms, objects }],
      [{ 6: 4, 9: '10690' }, /SMS Security Mode 4 is not supported/, { sms, objects }],
      [{ 9: '10690' }, /no SMS Security Mode/, { sms, objects }],
      [{ 6: 3, 9: 'Dunlin' }, /no telephone number/, { sms, objects }],
      [{}, /no number of the Server/, { sms, objects }],
      [{ 6: 3, 9: '10690' }, /no way of short messages/, { objects }],
      [{ 0: 'tel:+10690', 6: 3 }, /no way of short messages/, { objects }],
    ] as const) {
      const it = await BootstrapWorld.started(options);
      await it.write('/0/1', { ...security, ...change });
      await it.write('/1/0', { ...server, 7: 'UQS' });
      const answer = await it.finish();
      assert.equal(answer.code, '4.06', answer.text);
      assert.match(answer.text, reason);
      await it.world.client.close();
    }
  });

  test('of several Servers on a device without access control is 4.06 (R-602)', async () => {
    const write = async (it: BootstrapWorld): Promise<void> => {
      await it.write('/0/1', security);
      await it.write('/1/0', server);
      await it.write('/0/2', other);
      await it.write('/1/1', { ...server, 0: 102 });
    };
    await rejects(write, /access control/);
    const it = await BootstrapWorld.started({ objects: [completeDevice(), accessControl()] });
    await write(it);
    assert.equal((await it.finish()).code, '2.04');
  });

  test('with Access Control instances for nobody or nothing is 4.06 (R-261)', async () => {
    const objects = [completeDevice(), accessControl()];
    const grant = async (it: BootstrapWorld, values: string): Promise<void> => {
      await it.write('/0/1', security);
      await it.write('/1/0', server);
      const e = `{"e":[${values}]}`;
      assert.equal((await it.world.put('/2/0', json, payloadOf(e))).code, '2.04');
    };
    const values = (object: number, owner: number): string =>
      `{"n":"0","v":${object}},{"n":"1","v":0},{"n":"3","v":${owner}}`;
    await rejects((it) => grant(it, values(3, 999)), /no Server/, objects);
    await rejects((it) => grant(it, values(777, 101)), /not supported/, objects);
  });

  test('may be sent again after what was wrong was corrected (R-260)', async () => {
    const it = await rejects((world) => world.write('/0/1', security), /no account/);
    assert.equal((await it.write('/1/0', server)).code, '2.04');
    assert.equal((await it.finish()).code, '2.04');
    assert.deepEqual(it.kinds, ['bootstrap-started', 'bootstrap-finished']);
  });

  test('that is never corrected is a failure with its reason (R-263)', async () => {
    const it = await rejects((world) => world.write('/0/1', security), /no account/);
    await it.until('bootstrap-failed');
    const failed = it.events.find(({ kind }) => kind === 'bootstrap-failed');
    assert.equal(failed?.kind === 'bootstrap-failed' && failed.failure.problem, 'inconsistent');
    assert.match(failed?.kind === 'bootstrap-failed' ? failed.failure.message : '', /no account/);
  });

  test('is POST /bs and nothing else', async () => {
    const it = await BootstrapWorld.started();
    for (const uriPath of [['bs', 'x'], ['3', '0', '4'], []]) {
      assert.equal((await it.world.send({ method: Method.post, uriPath })).code, '4.00');
    }
  });
});

describe('what only a Server that is gone could use (R-280)', () => {
  const acl = (entries: Readonly<Record<number, number>>): ReadonlyMap<number, number> =>
    new Map(Object.entries(entries).map(([id, rights]) => [Number(id), rights]));

  test('goes with its account, and shared instances get another owner', async () => {
    const it = await BootstrapWorld.open(
      {},
      {
        servers: [
          { uri: 'coap://192.0.2.2', shortServerId: 101 },
          { uri: 'coap://192.0.2.3', shortServerId: 102 },
        ],
        accessPolicy: () => fullRights,
        objects: [
          completeDevice(),
          probeObject({}),
          objectInstances(AccessControl, {
            0: { objectId: 3, objectInstanceId: 0, acl: acl({ 101: 15, 102: 1 }), accessControlOwner: 101 },
            1: {
              objectId: Probe.definition.id,
              objectInstanceId: 0,
              acl: acl({ 101: 15 }),
              accessControlOwner: 101,
            },
            2: { objectId: 1, objectInstanceId: 1, acl: acl({ 102: 15 }), accessControlOwner: 102 },
          }),
        ],
      },
    );
    it.world.client.requestBootstrap();
    await it.until('bootstrap-started');
    assert.equal((await it.delete('/0/0')).code, '2.02');
    assert.equal((await it.finish()).code, '2.04');
    const { client } = it.world;
    assert.deepEqual(client.objects.instanceIds(1), [1]);
    assert.deepEqual(client.objects.instanceIds(2), [0, 2]);
    assert.deepEqual(client.objects.instanceIds(Probe.definition.id), [3]);
    assert.equal(client.get(AccessControl(0).accessControlOwner), 102);
    assert.deepEqual(client.get(AccessControl(0).acl), acl({ 102: 1 }));
    assert.deepEqual(client.get(AccessControl(2).acl), acl({ 102: 15 }));
  });
});

function accessControl(): ObjectSetup {
  return objectInstances(AccessControl, {}, { template: () => ({ acl: new Map<number, number>() }) });
}

test('an empty payload is no Object Instance', async () => {
  const it = await BootstrapWorld.started();
  assert.equal((await it.world.put('/1', tlv, noBytes)).code, '4.00');
});
