import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { instantFrom, UsageError } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import { parsePath, pathOf, refusal, type ResourceContent } from '@dunlin/lwm2m';
import { objectInstances, ObjectTree, type TreeChange } from '@dunlin/client';

import { probeObject } from '../support/probe-device.ts';
import { Probe } from '../support/reference-device.ts';

const now = instantFrom(0);
const device = { kind: 'device' } as const;
const { id } = Probe.definition;
const label = pathOf(id, 0, 1);
const limit = pathOf(id, 0, 6);

const texts = (value: string): ResourceContent => ({ kind: 'single', type: 'string', value });
const number = (value: number): ResourceContent => ({ kind: 'single', type: 'integer', value });

describe('the object tree (R-101)', () => {
  test('Objects, instances, Resources and Resource Instances are found by their paths', () => {
    const tree = new ObjectTree([probeObject()]);
    assert.deepEqual(tree.objectIds, [id]);
    assert.deepEqual(tree.instanceIds(id), [0, 3]);
    assert.deepEqual(tree.instanceIds(4711), []);
    for (const [path, exists] of [
      ['/', true],
      ['/26241', true],
      ['/4711', false],
      ['/26241/3', true],
      ['/26241/4', false],
      ['/26241/0/1', true],
      ['/26241/3/1', false],
      ['/26241/0/5/1', true],
      ['/26241/0/5/2', false],
      ['/26241/0/1/0', false],
    ] as const) {
      const parsed = parsePath(path);
      assert.ok(parsed !== undefined);
      assert.equal(tree.has(parsed, now), exists, path);
    }
    assert.equal(tree.content(pathOf(id, 0, 4), now), undefined, 'an executable has no value');
  });

  for (const [name, make, message] of [
    [
      'a mandatory Resource is missing',
      () => [objectInstances(Probe, { 0: { level: 1 } as never })],
      /Count.*mandatory/,
    ],
    [
      'a value is of another type',
      () => [objectInstances(Probe, { 0: { level: 'x' as never, count: 0 } })],
      /Level/,
    ],
    [
      'a value is outside of its range',
      () => [objectInstances(Probe, { 0: { level: 1, count: 0, limit: 101 } })],
      /Limit/,
    ],
    [
      'one value is given for a Multiple Resource',
      () => [objectInstances(Probe, { 0: { level: 1, count: 0, flags: true as never } })],
      /Flags/,
    ],
    [
      'values are given for a Single Resource',
      () => [objectInstances(Probe, { 0: { level: new Map() as never, count: 0 } })],
      /Level/,
    ],
    [
      'an executable is no function',
      () => [objectInstances(Probe, { 0: { level: 1, count: 0, run: 'x' as never } })],
      /Run/,
    ],
    [
      'the instance id is 65535 (R-110)',
      () => [objectInstances(Probe, { 65_535: { level: 1, count: 0 } })],
      /65534/,
    ],
    ['an Object is given twice', () => [probeObject(), probeObject()], /twice/],
  ] as const) {
    test(`a tree is not made when ${name} (R-102, R-103)`, () => {
      assert.throws(
        () => new ObjectTree(make()),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }
});

describe('a transaction (R-444)', () => {
  test('nothing changes before it is committed, all of it afterwards, and one change is told', () => {
    const tree = new ObjectTree([probeObject()]);
    const changes: TreeChange[] = [];
    tree.changed.subscribe((change) => changes.push(change));
    const transaction = tree.begin(device, now);
    transaction.write(label, texts('new'));
    transaction.write(limit, number(9));
    transaction.delete(pathOf(id, 3));
    transaction.create(pathOf(id, 4), new Map());
    assert.deepEqual(tree.content(label, now), texts('probe'));
    assert.equal(transaction.commit(), undefined);
    assert.deepEqual(tree.content(label, now), texts('new'));
    assert.deepEqual(tree.instanceIds(id), [0, 4]);
    assert.deepEqual(changes, [
      { origin: device, created: [pathOf(id, 4)], deleted: [pathOf(id, 3)], written: [label, limit] },
    ]);
  });

  test('a refusal by a hook leaves everything as it was, over all Objects', () => {
    const other = objectInstances(
      { ...Probe, definition: { ...Probe.definition, id: 26_242 } },
      { 0: { level: 1, count: 0 } },
      {
        beforeCommit: () => refusal(ResponseCode.badRequest, 'no'),
      },
    );
    const tree = new ObjectTree([probeObject(), other]);
    const changes: TreeChange[] = [];
    tree.changed.subscribe((change) => changes.push(change));
    const transaction = tree.begin(device, now);
    transaction.write(label, texts('new'));
    transaction.write(pathOf(26_242, 0, 2), number(5));
    assert.deepEqual(transaction.commit(), refusal(ResponseCode.badRequest, 'no'));
    assert.deepEqual(tree.content(label, now), texts('probe'));
    assert.deepEqual(changes, []);
  });

  test('a dynamic value takes its write at the commit only', () => {
    let value = 1;
    let veto = true;
    const probe = objectInstances(
      Probe,
      { 0: { level: { read: () => value, write: (written) => void (value = written) }, count: 0 } },
      {
        beforeCommit: () => (veto ? refusal(ResponseCode.badRequest, 'no') : undefined),
      },
    );
    const tree = new ObjectTree([probe]);
    const attempt = () => {
      const transaction = tree.begin(device, now);
      transaction.write(pathOf(id, 0, 0), { kind: 'single', type: 'float', value: 2 });
      return transaction.commit();
    };
    assert.notEqual(attempt(), undefined);
    assert.equal(value, 1);
    veto = false;
    assert.equal(attempt(), undefined);
    assert.equal(value, 2);
  });

  test('what contradicts itself is refused: a Write to a deleted instance, a Create of one that exists', () => {
    const tree = new ObjectTree([probeObject()]);
    const deleted = tree.begin(device, now);
    deleted.delete(pathOf(id, 0));
    deleted.write(label, texts('x'));
    assert.equal(deleted.commit()?.code, ResponseCode.notFound);
    const created = tree.begin(device, now);
    created.create(pathOf(id, 0), new Map());
    assert.equal(created.commit()?.code, ResponseCode.badRequest);
    const executed = tree.begin(device, now);
    executed.write(pathOf(id, 0, 4), texts('x'));
    assert.equal(executed.commit()?.code, ResponseCode.methodNotAllowed);
    assert.deepEqual(tree.instanceIds(id), [0, 3]);
  });

  test('an instance that is deleted and created in one step is a new one', () => {
    const tree = new ObjectTree([probeObject()]);
    const transaction = tree.begin(device, now);
    transaction.delete(pathOf(id, 0));
    transaction.create(pathOf(id, 0), new Map());
    transaction.write(label, texts('again'));
    assert.equal(transaction.commit(), undefined);
    assert.deepEqual([...(tree.instance(pathOf(id, 0))?.keys() ?? [])], [1]);
  });
});
