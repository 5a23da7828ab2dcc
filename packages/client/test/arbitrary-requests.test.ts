import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Method, type Request } from '@dunlin/coap';
import { formatPath, pathOf } from '@dunlin/lwm2m';
import fc from 'fast-check';

import { probeObject } from './support/probe-device.ts';
import { completeDevice, portfolioObject } from './support/reference-device.ts';
import { bytes, hex, json, text, tlv, World } from './support/world.ts';

const allowed = new Set([
  '2.01',
  '2.02',
  '2.04',
  '2.05',
  '4.00',
  '4.01',
  '4.02',
  '4.04',
  '4.05',
  '4.06',
  '4.15',
]);

const segment = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('0', '1', '3', '5', '6', '9', '16', '26241') },
  // A URI cannot have the others as segments (RFC 7252 §5.10.1), so that no Server can ask for them.
  fc.string({ maxLength: 6 }).filter((part) => !['', '.', '..'].includes(part)),
);
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .constantFrom(
      '',
      '1',
      'text',
      '{"e":[{"n":"0","v":1}]}',
      '{"bn":"/26241/0/","e":[{"n":"1","sv":"x"},{"n":"2","v":1}]}',
    )
    .map(bytes),
  fc
    .constantFrom('c4003f800000', '0107c4003f800000', 'c10163c10265', '86054101014104ff')
    .map((digits) => hex(digits)),
);
const request: fc.Arbitrary<Request> = fc.record({
  method: fc.constantFrom(Method.get, Method.put, Method.post, Method.delete),
  uriPath: fc.array(segment, { maxLength: 5 }),
  uriQuery: fc.array(fc.constantFrom('pmin=1', 'pmax', 'gt=5', 'lt=x', 'st', 'dim=1'), { maxLength: 2 }),
  contentFormat: fc.constantFrom(undefined, text, tlv, json, 42, 60, 1542),
  accept: fc.constantFrom(undefined, text, tlv, json, 40, 42, 60, 1543),
  payload,
});

test('any request gets one of the codes of the response table, and changes nothing unless it succeeds (R-444, R-474, 1.0 §8.5)', async () => {
  const world = await World.registered({ objects: [completeDevice(), probeObject(), portfolioObject()] });
  const { objects } = world.client;
  const state = () =>
    objects.objectIds.flatMap((objectId) =>
      objects.instanceIds(objectId).flatMap((instanceId) =>
        [...(objects.definition(objectId)?.resources.keys() ?? [])]
          .map((id) => pathOf(objectId, instanceId, id))
          // The clock goes on.
          .filter((path) => formatPath(path) !== '/3/0/13')
          .map((path) => [formatPath(path), objects.content(path, world.network.clock.now)]),
      ),
    );
  let before = state();
  await fc.assert(
    fc.asyncProperty(request, async (candidate) => {
      // Disable and Reboot end the conversation; they have tests of their own.
      fc.pre(!(candidate.method === Method.post && ['1/0/4', '3/0/4'].includes(candidate.uriPath.join('/'))));
      const answer = await world.send(candidate);
      assert.ok(allowed.has(answer.code), `${answer.code} ${answer.text}`);
      const after = state();
      if (!answer.code.startsWith('2.')) assert.deepEqual(after, before);
      before = after;
    }),
    { numRuns: 400 },
  );
});
