import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ContentFormat, Method, type Request } from '@dunlin/coap';
import { type AccessRights, fullRights } from '@dunlin/client';

import { probeObject } from '../support/probe-device.ts';
import { completeDevice } from '../support/reference-device.ts';
import { bytes, hex, json, segments, text, tlv, World } from '../support/world.ts';

const objects = [completeDevice(), probeObject()];

describe('the order of checks of a request (R-406)', () => {
  const cases: readonly (readonly [string, Request, string])[] = [
    ['object 0 is 4.01 before anything else: Read (R-424)', get('/0'), '4.01'],
    ['object 0 is 4.01 before anything else: Read of an instance that is not there', get('/0/77'), '4.01'],
    ['object 0 is 4.01 before anything else: Write (R-1001)', put('/0/0/0', text, 'coap://x'), '4.01'],
    [
      'object 0 is 4.01 before anything else: Write-Attributes (R-457)',
      { ...put('/0'), uriQuery: ['pmin=30'] },
      '4.01',
    ],
    [
      'object 0 is 4.01 before anything else: Discover (R-436)',
      { ...get('/0'), accept: ContentFormat.linkFormat },
      '4.01',
    ],
    [
      'object 0 is 4.01 before anything else: Delete (R-481)',
      { method: Method.delete, uriPath: ['0', '0'] },
      '4.01',
    ],
    ['object 0 is 4.01 before anything else: Create', post('/0', tlv), '4.01'],
    ['object 0 is 4.01 before anything else: Execute', post('/0/0/0'), '4.01'],
    [
      'an unknown Object is 4.04 before the level is judged',
      { method: Method.delete, uriPath: ['4711'] },
      '4.04',
    ],
    ['Write on an Object is 4.05 (R-448)', put('/3', tlv, ''), '4.05'],
    ['Delete on an Object is 4.05 (R-480)', { method: Method.delete, uriPath: ['26241'] }, '4.05'],
    [
      'Delete on a Resource is 4.05 (R-480)',
      { method: Method.delete, uriPath: segments('/26241/0/1') },
      '4.05',
    ],
    ['Delete on the root is 4.05', { method: Method.delete, uriPath: [] }, '4.05'],
    ['a partial update of a Resource that is not executable is 4.05', post('/26241/0/1', text, 'x'), '4.05'],
    ['an unknown instance is 4.04', get('/26241/9'), '4.04'],
    ['an unknown instance is 4.04 before the Content-Format is judged', put('/26241/9', 65_000, 'x'), '4.04'],
    ['an unknown Resource is 4.04', get('/26241/0/99'), '4.04'],
    ['a Resource that is not instantiated is 4.04', get('/26241/3/1'), '4.04'],
    [
      'an operation that the Resource does not support is 4.05: Read of a write-only one',
      get('/26241/0/3'),
      '4.05',
    ],
    [
      'an operation that the Resource does not support is 4.05: Read of an executable',
      get('/26241/0/4'),
      '4.05',
    ],
    [
      'an operation that the Resource does not support is 4.05 before the payload is judged',
      put('/26241/0/2', 65_000, 'x'),
      '4.05',
    ],
    ['an unsupported Content-Format is 4.15 (R-404)', put('/26241/0/1', 65_000, 'x'), '4.15'],
    ['a Content-Format that cannot carry an instance is 4.15 (R-442)', put('/26241/0', text, 'x'), '4.15'],
    ['an Accept that cannot be served is 4.06 (R-403)', { ...get('/26241/0/1'), accept: 65_000 }, '4.06'],
    ['an Accept of plain text for an instance is 4.06 (R-423)', { ...get('/26241/0'), accept: text }, '4.06'],
    [
      'an Accept of opaque for an Object is 4.06 (R-423)',
      { ...get('/26241'), accept: ContentFormat.opaque },
      '4.06',
    ],
    [
      'an Accept of plain text for a Multiple Resource is 4.06 (R-423)',
      { ...get('/26241/0/5'), accept: text },
      '4.06',
    ],
    ['a payload that does not parse is 4.00', put('/26241/0/6', text, 'many'), '4.00'],
    ['a Write without Content-Format is 4.00 (R-402)', put('/26241/0/1', undefined, 'x'), '4.00'],
    ['a Create without Content-Format is 4.00 (R-402)', post('/26241', undefined, 'x'), '4.00'],
    ['a segment with a leading zero names nothing: 4.04 (R-112)', get('/3/0/03'), '4.04'],
    ['a Resource Instance cannot be addressed in 1.0: 4.04 (R-106)', get('/3/0/11/0'), '4.04'],
    ['a path outside of the Objects is 4.04', get('/large'), '4.04'],
    ['Bootstrap-Finish from a Server is 4.04', post('/bs'), '4.04'],
    ['FETCH is not of 1.0: 4.05', { method: Method.fetch, uriPath: segments('/3/0/0') }, '4.05'],
  ];
  for (const [name, request, code] of cases) {
    test(name, async () => {
      const world = await World.registered({ objects });
      const answer = await world.send(request);
      assert.equal(answer.code, code, answer.text);
    });
  }

  test('a refusal says why in its diagnostic payload and in the diagnostics', async () => {
    const world = await World.registered({ objects });
    const answer = await world.read('/26241/9');
    assert.match(answer.text, /\/26241\/9 does not exist/);
    assert.equal(answer.contentFormat, undefined);
    const refused = world.diagnostics.filter((diagnostic) => diagnostic.kind === 'request-refused');
    assert.deepEqual(
      refused.map(({ shortServerId, operation, uriPath }) => ({ shortServerId, operation, uriPath })),
      [{ shortServerId: 101, operation: 'read', uriPath: '/26241/9' }],
    );
  });

  test('anything that fits no other code is 5.00, and the error of the device is told to its author', async () => {
    const failing = completeDevice({
      memoryFree: () => {
        throw new Error('the memory gauge is broken');
      },
    });
    const world = await World.registered({ objects: [failing] });
    const answer = await world.read('/3/0/10');
    assert.equal(answer.code, '5.00');
    assert.equal(answer.text.includes('gauge'), false, 'inner matters stay inside');
    const diagnostic = world.diagnostics.find(({ kind }) => kind === 'device-error');
    assert.ok(diagnostic?.kind === 'device-error');
    assert.match(String(diagnostic.error), /gauge/);
  });

  test('a dynamic value of a wrong type is 5.00', async () => {
    const wrong = completeDevice({ memoryFree: () => 1.5 });
    const world = await World.registered({ objects: [wrong] });
    assert.equal((await world.read('/3/0/10')).code, '5.00');
  });
});

const withRights = (rights: Partial<AccessRights>) =>
  World.registered({
    objects,
    accessPolicy: () => ({
      read: false,
      write: false,
      execute: false,
      delete: false,
      create: false,
      ...rights,
    }),
  });

describe('access rights (R-406 step 7, R-620)', () => {
  test('without the right to Read it is 4.01, before the Resource is looked for', async () => {
    const world = await withRights({});
    assert.equal((await world.read('/3/0/99')).code, '4.01');
    assert.equal((await world.read('/3/0')).code, '4.01');
    assert.equal((await world.writeAttributes('/3/0', 'pmin=1')).code, '4.01');
  });

  test('an instance that is not there is 4.04 also to a Server without rights', async () => {
    const world = await withRights({});
    assert.equal((await world.read('/26241/9')).code, '4.04');
  });

  test('Read of an Object leaves out instances without the right, and is a success with none (R-421, R-621)', async () => {
    const world = await World.registered({
      objects,
      accessPolicy: (_, path) =>
        path.kind === 'object-instance' && path.objectInstanceId === 3
          ? fullRights
          : { ...fullRights, read: false },
    });
    const answer = await world.read('/26241', json);
    assert.equal(answer.code, '2.05');
    assert.match(answer.text, /"3\/0"/);
    assert.doesNotMatch(answer.text, /"0\/0"/);
    const empty = await (await withRights({})).read('/26241', tlv);
    assert.deepEqual([empty.code, empty.payload.length], ['2.05', 0]);
  });

  test('Write, Execute, Delete and Create take their rights; Discover takes none (R-430)', async () => {
    const world = await withRights({ read: true });
    assert.equal((await world.put('/26241/0/1', text, bytes('x'))).code, '4.01');
    assert.equal((await world.execute('/26241/0/4')).code, '4.01');
    assert.equal((await world.delete('/26241/0')).code, '4.01');
    assert.equal((await world.post('/26241', tlv, hex('e40041200000'))).code, '4.01');
    assert.equal((await (await withRights({})).discover('/26241')).code, '2.05');
  });

  test('Write-Attributes on an Object takes no right (R-455)', async () => {
    const world = await withRights({});
    assert.equal((await world.writeAttributes('/26241', 'pmin=1')).code, '2.04');
  });
});

function get(path: string): Request {
  return { method: Method.get, uriPath: segments(path) };
}

function put(path: string, contentFormat?: number, payload = ''): Request {
  return { method: Method.put, uriPath: segments(path), contentFormat, payload: bytes(payload) };
}

function post(path: string, contentFormat?: number, payload = ''): Request {
  return { method: Method.post, uriPath: segments(path), contentFormat, payload: bytes(payload) };
}
