import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  formatPath,
  parsePath,
  type Path,
  pathContains,
  pathFromSegments,
  pathIds,
  pathOf,
  pathSegments,
  rootPath,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

const levels: readonly (readonly [string, Path])[] = [
  ['/', rootPath],
  ['/3', pathOf(3)],
  ['/3/0', pathOf(3, 0)],
  ['/3/0/6', pathOf(3, 0, 6)],
  ['/3/0/6/1', pathOf(3, 0, 6, 1)],
  ['/65535/65535/65535/65535', pathOf(65535, 65535, 65535, 65535)],
];

describe('Paths', () => {
  test('lead from Object to Object Instance to Resource to Resource Instance (R-101)', () => {
    assert.deepEqual(
      levels.map(([, { kind }]) => kind),
      ['root', 'object', 'object-instance', 'resource', 'resource-instance', 'resource-instance'],
    );
    for (const [text, path] of levels) {
      assert.equal(formatPath(path), text);
      assert.deepEqual(parsePath(text), path);
      assert.deepEqual(parsePath(text.slice(1)), path);
      assert.deepEqual(pathFromSegments(pathSegments(path)), path);
    }
  });

  test('are of decimal numbers up to 65535 without leading zeros (R-112)', () => {
    for (const text of [
      '03',
      '3/00',
      '3/0/-1',
      '3/0/+1',
      '3/0/1.0',
      '65536',
      '99999',
      '3//0',
      '//3',
      '3/',
      '3/0/',
      ' 3',
      '3 ',
      '0x3',
      '٣',
      'a',
      'rd',
      '3/0/0/0/0',
      '1e3',
    ]) {
      assert.equal(parsePath(text), undefined, text);
    }
    assert.equal(pathFromSegments(['3', '']), undefined);
  });

  test('contain themselves and what is below, and nothing else', () => {
    for (const [depth, [, outer]] of levels.slice(0, 5).entries()) {
      for (const [innerDepth, [, inner]] of levels.slice(0, 5).entries()) {
        assert.equal(pathContains(outer, inner), depth <= innerDepth);
      }
    }
    assert.equal(pathContains(pathOf(3), pathOf(33, 0)), false);
    assert.equal(pathContains(pathOf(3, 0, 1), pathOf(3, 0, 11)), false);
    assert.equal(pathContains(pathOf(3, 0), pathOf(3, 1, 0)), false);
  });

  test('come back from their text, whatever their ids', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(65535), { maxLength: 4 }), (ids) => {
        const path = parsePath(ids.join('/'));
        assert.deepEqual(path && pathIds(path), ids);
        assert.deepEqual(path && parsePath(formatPath(path)), path);
      }),
    );
  });

  test('never throw on an arbitrary text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('/', '0', '3', '65535', '-', ' ') })),
        (text) => {
          const path = parsePath(text);
          if (path !== undefined) assert.ok([text, `/${text}`].includes(formatPath(path)));
        },
      ),
    );
  });
});
