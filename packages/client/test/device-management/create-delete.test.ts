import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ResponseCode } from '@dunlin/coap';
import { Location, refusal } from '@dunlin/lwm2m';
import { objectInstances } from '@dunlin/client';

import { probeObject } from '../support/probe-device.ts';
import { completeDevice, portfolioObject, Probe } from '../support/reference-device.ts';
import { bytes, hex, json, text, tlv, World } from '../support/world.ts';

const open = (probe = probeObject()) =>
  World.registered({ objects: [completeDevice(), probe, portfolioObject()] });
/** Level 1.0 as a bare Resource TLV. */
const level = 'c4 00 3f800000';

describe('Create (1.0 §5.4.6)', () => {
  test('X-DM-4: bare Resources: the client picks the lowest free id and returns it as Location (R-470, R-471)', async () => {
    const world = await open();
    const first = await world.post('/26241', tlv, hex(level));
    assert.deepEqual([first.code, first.location], ['2.01', '/26241/1']);
    const second = await world.post('/26241', tlv, hex(level));
    assert.deepEqual([second.code, second.location], ['2.01', '/26241/2']);
    assert.equal((await world.post('/26241', tlv, hex(level))).location, '/26241/4');
    assert.equal(world.client.get(Probe(1).level), 1);
  });

  test('X-DM-4: an Object Instance with its id (R-471)', async () => {
    const world = await open();
    const answer = await world.post('/26241', tlv, hex(`06 07 ${level}`));
    assert.deepEqual([answer.code, answer.location], ['2.01', '/26241/7']);
    assert.equal(world.client.get(Probe(7).level), 1);
  });

  test('in JSON, with the id in the names (R-470)', async () => {
    const world = await open();
    const answer = await world.post(
      '/26241',
      json,
      bytes('{"bn":"/26241/","e":[{"n":"9/0","v":3.5},{"n":"9/1","sv":"json"}]}'),
    );
    assert.equal(answer.code, '2.01');
    assert.deepEqual([world.client.get(Probe(9).level), world.client.get(Probe(9).label)], [3.5, 'json']);
  });

  test('several instances at once, all or none (R-474)', async () => {
    const world = await open();
    assert.equal((await world.post('/26241', tlv, hex(`06 07 ${level} 06 08 ${level}`))).code, '2.01');
    assert.deepEqual(world.client.objects.instanceIds(26_241), [0, 3, 7, 8]);
    assert.equal((await world.post('/26241', tlv, hex(`06 09 ${level} 06 08 ${level}`))).code, '4.00');
    assert.deepEqual(world.client.objects.instanceIds(26_241), [0, 3, 7, 8]);
  });

  test('X-DM-4: an id that is taken is 4.00, and the instance stays as it was (R-472)', async () => {
    const world = await open();
    assert.equal((await world.post('/26241', tlv, hex(`06 00 ${level}`))).code, '4.00');
    assert.equal(world.client.get(Probe(0).level), 20.5);
  });

  test('the id 65535 is 4.00 (R-472, R-110)', async () => {
    assert.equal((await (await open()).post('/26241', tlv, hex(`26 ffff ${level}`))).code, '4.00');
  });

  test('X-DM-4: a mandatory writable Resource that is missing is 4.00, and nothing is created (R-473)', async () => {
    const world = await open();
    assert.equal((await world.post('/26241', tlv, hex('c1 01 61'))).code, '4.00');
    assert.equal((await world.post('/26241', tlv, hex('03 07 c1 01 61'))).code, '4.00');
    assert.equal(
      (await world.post('/26241', tlv, hex(`06 07 ${level} 03 08 c1 01 61`))).code,
      '4.00',
      'one of two',
    );
    assert.deepEqual(world.client.objects.instanceIds(26_241), [0, 3]);
  });

  test('a mandatory read-only Resource is the device’s to set, and ignored in the payload (R-473)', async () => {
    const world = await open();
    assert.equal((await world.post('/26241', tlv, hex(`${level} c1 02 63`))).code, '2.01');
    assert.equal(world.client.get(Probe(1).count), 0);
  });

  test('Resources that are not supported are ignored, supported ones that are absent do not come into being (R-473)', async () => {
    const world = await open();
    assert.equal((await world.post('/26241', tlv, hex(`${level} c1 08 05 c1 63 05`))).code, '2.01');
    assert.equal((await world.discover('/26241/1')).text, '</26241/1>,</26241/1/0>,</26241/1/2>');
  });

  test('a value that does not fit is 4.00, and nothing is created (R-474)', async () => {
    const world = await open();
    assert.equal((await world.post('/26241', tlv, hex(`${level} c2 06 01f4`))).code, '4.00');
    assert.deepEqual(world.client.objects.instanceIds(26_241), [0, 3]);
  });

  test('a format that cannot carry an instance is 4.15', async () => {
    assert.equal((await (await open()).post('/26241', text, bytes('1'))).code, '4.15');
  });

  test('an Object without instances yet gets instance 0, a single one no other (R-472)', async () => {
    const objects = [
      completeDevice(),
      objectInstances(
        Location,
        {},
        { isCreatable: true, template: () => ({ latitude: 1, longitude: 2, timestamp: 3 }) },
      ),
    ];
    const world = await World.registered({ objects });
    assert.equal((await world.post('/6', tlv, hex('01 01'))).code, '4.00');
    assert.equal((await world.post('/6', tlv, hex(''))).location, '/6/0');
    assert.equal((await world.post('/6', tlv, hex(''))).code, '4.00');
    assert.equal(world.client.get(Location.longitude), 2);
  });

  test('an Object whose instances only the device makes is 4.05', async () => {
    const world = await World.registered({ objects: [completeDevice(), objectInstances(Probe, {})] });
    assert.equal((await world.post('/26241', tlv, hex(level))).code, '4.05');
  });

  test('the Server Object has instances by bootstrap only: Create and Delete are 4.05 (R-482)', async () => {
    const world = await open();
    assert.equal((await world.post('/1', tlv, hex('c1 01 3c'))).code, '4.05');
    assert.equal((await world.delete('/1/0')).code, '4.05');
  });

  test('a hook may refuse', async () => {
    const world = await open(
      probeObject({
        beforeCommit: ({ created }) =>
          created.length > 0 ? refusal(ResponseCode.badRequest, 'no socket is free') : undefined,
      }),
    );
    const answer = await world.post('/26241', tlv, hex(level));
    assert.deepEqual([answer.code, answer.text], ['4.00', 'no socket is free']);
    assert.deepEqual(world.client.objects.instanceIds(26_241), [0, 3]);
  });

  test('an Object holds so many instances only; one more is 5.00', async () => {
    const world = await World.registered({
      objects: [completeDevice(), probeObject()],
      limits: { instancesPerObject: 3 },
    });
    assert.equal((await world.post('/26241', tlv, hex(level))).code, '2.01');
    assert.equal((await world.post('/26241', tlv, hex(level))).code, '5.00');
  });

  test('an Update with the whole object list follows (R-476, R-331)', async () => {
    const world = await open();
    await world.post('/26241', tlv, hex(level));
    await world.until(() => world.server.lines.length === 2);
    const [, update] = world.server.received;
    assert.equal(update?.line, 'POST /rd/1');
    assert.deepEqual(update?.request.uriQuery, []);
    assert.equal(update?.request.contentFormat, 40);
    assert.equal(
      update?.payload,
      '</>;ct=11543,</1/0>,</3/0>,</16/0>,</26241>;ver="2.1",</26241/0>,</26241/1>,</26241/3>',
    );
  });
});

describe('Delete (1.0 §5.4.7)', () => {
  test('an instance goes with all it had, and an Update follows (R-480, R-476)', async () => {
    const world = await open();
    assert.equal((await world.delete('/26241/3')).code, '2.02');
    assert.equal((await world.read('/26241/3')).code, '4.04');
    await world.until(() => world.server.lines.length === 2);
    assert.match(world.server.received[1]?.payload ?? '', /<\/26241\/0>$/);
  });

  test('an unknown instance is 4.04', async () => {
    assert.equal((await (await open()).delete('/26241/9')).code, '4.04');
  });

  test('an Object and a Resource are 4.05 (R-480)', async () => {
    const world = await open();
    assert.equal((await world.delete('/26241')).code, '4.05');
    assert.equal((await world.delete('/26241/0/1')).code, '4.05');
  });

  test('/3/0 stays: 4.05, and a Security instance is 4.01 (R-481)', async () => {
    const world = await open();
    assert.equal((await world.delete('/3/0')).code, '4.05');
    assert.equal((await world.delete('/0/0')).code, '4.01');
    assert.equal((await world.read('/3/0')).code, '2.05');
  });

  test('an Object without instances is listed as such (R-320)', async () => {
    const world = await open();
    assert.equal((await world.delete('/16/0')).code, '2.02');
    await world.until(() => world.server.lines.length === 2);
    assert.match(world.server.received[1]?.payload ?? '', /<\/16>,/);
  });
});
