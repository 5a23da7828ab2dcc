import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ContentFormat } from '@dunlin/coap';
import { type Content, decodeContent, isFormatFailure, parsePath } from '@dunlin/lwm2m';

import { probeObject } from '../support/probe-device.ts';
import { completeDevice, Portfolio, Probe } from '../support/reference-device.ts';
import type { Answer } from '../support/scripted-server.ts';
import { hex, json, text, tlv, World } from '../support/world.ts';
import { objectInstances } from '@dunlin/client';

const open = () =>
  World.registered({ objects: [completeDevice(), probeObject(), objectInstances(Portfolio, {})] });

describe('Read (1.0 §5.4.1)', () => {
  test('an Object is read with all its instances (R-420)', async () => {
    const answer = await (await open()).read('/26241', tlv);
    const content = contentOf(answer, '/26241');
    assert.ok(content.kind === 'object');
    assert.deepEqual([...content.instances.keys()], [0, 3]);
  });

  test('an instance is read with its readable Resources; the others are skipped silently (R-420, R-421)', async () => {
    const answer = await (await open()).read('/26241/0', tlv);
    const content = contentOf(answer, '/26241/0');
    assert.ok(content.kind === 'object-instance');
    assert.deepEqual([...content.resources.keys()], [0, 1, 2, 5, 6, 9]);
  });

  test('a Multiple Resource is read as a whole (R-420)', async () => {
    const answer = await (await open()).read('/26241/0/5', tlv);
    const content = contentOf(answer, '/26241/0/5');
    assert.ok(content.kind === 'resource' && content.resource.kind === 'multiple');
    assert.deepEqual(
      [...content.resource.values],
      [
        [0, true],
        [1, false],
      ],
    );
  });

  test('an Object without instances is a success with nothing in it, never 4.04 (R-422)', async () => {
    const answer = await (await open()).read('/16', tlv);
    assert.deepEqual([answer.code, answer.contentFormat, answer.payload.length], ['2.05', tlv, 0]);
  });

  test('without Accept the answer is TLV, for a single value too (R-403)', async () => {
    const world = await open();
    assert.equal((await world.read('/3/0')).contentFormat, tlv);
    const single = await world.read('/26241/0/1');
    assert.deepEqual([single.contentFormat, single.payload], [tlv, hex('c501 70726f6265')]);
  });

  test('a single value in plain text, opaque, TLV and JSON', async () => {
    const world = await open();
    const answers = [
      await world.read('/26241/0/9', text),
      await world.read('/26241/0/9', ContentFormat.opaque),
      await world.read('/26241/0/9', tlv),
      await world.read('/26241/0/9', json),
    ];
    assert.deepEqual(
      answers.map(({ code }) => code),
      ['2.05', '2.05', '2.05', '2.05'],
    );
    assert.deepEqual(
      answers.map(({ contentFormat }) => contentFormat),
      [text, 42, tlv, json],
    );
    assert.equal(answers[0]?.text, 'AQIDBAU=');
    assert.deepEqual(answers[1]?.payload, hex('0102030405'));
    assert.deepEqual(answers[2]?.payload, hex('c5090102030405'));
    assert.match(answers[3]?.text ?? '', /"sv":"AQIDBAU="/);
  });

  test('a format asked for by its legacy number is answered under that number (R-1101)', async () => {
    const answer = await (await open()).read('/26241/0/1', ContentFormat.legacyTlv);
    assert.deepEqual([answer.code, answer.contentFormat], ['2.05', ContentFormat.legacyTlv]);
  });

  test('values that the device computes are read when the Server reads', async () => {
    let free = 100;
    const world = await World.registered({ objects: [completeDevice({ memoryFree: () => free })] });
    assert.equal((await world.read('/3/0/10', text)).text, '100');
    free = 42;
    assert.equal((await world.read('/3/0/10', text)).text, '42');
  });

  test('64-bit integers are exact', async () => {
    const big = objectInstances(Probe, { 0: { level: 0, count: 9_007_199_254_740_993n } });
    const world = await World.registered({ objects: [completeDevice(), big] });
    assert.equal((await world.read('/26241/0/2', text)).text, '9007199254740993');
    assert.deepEqual((await world.read('/26241/0/2', tlv)).payload, hex('c802080020000000000001'));
  });

  test('a large Object comes in blocks', async () => {
    const many = objectInstances(
      Probe,
      Object.fromEntries(
        Array.from({ length: 150 }, (_, id) => [id, { level: id, count: id, label: 'abcdefgh' }]),
      ),
    );
    const world = await World.registered({ objects: [completeDevice(), many] });
    const answer = await world.read('/26241', tlv);
    assert.ok(answer.payload.length > 2048);
    const content = contentOf(answer, '/26241');
    assert.equal(content.kind === 'object' && content.instances.size, 150);
  });
});

function contentOf({ payload, contentFormat }: Answer, path: string): Content {
  const parsed = parsePath(path);
  assert.ok(parsed !== undefined);
  const content = decodeContent(contentFormat ?? -1, parsed, payload, Probe.definition);
  assert.ok(!isFormatFailure(content), 'the payload parses');
  return content;
}
