import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { gridMove } from '../../src/grid/grid-move.ts';
import { visibleRows } from '../../src/grid/visible-rows.ts';

describe('a grid of many rows', () => {
  it('has only the rows in sight in the page, and a few around them', () => {
    const { first, count } = visibleRows({ top: 36 * 50_000, height: 720, rowHeight: 36 }, 100_000);
    assert.ok(first <= 50_000 && first + count >= 50_020);
    assert.ok(count < 50, `${count} rows`);
  });

  it('stays within its rows at both ends', () => {
    assert.deepEqual(visibleRows({ top: -90, height: 720, rowHeight: 36 }, 3), { first: 0, count: 3 });
    const end = visibleRows({ top: 36 * 100_000, height: 720, rowHeight: 36 }, 100_000);
    assert.equal(end.first + end.count, 100_000);
    assert.deepEqual(visibleRows({ top: 0, height: 720, rowHeight: 36 }, 0), { first: 0, count: 0 });
  });

  const position = { current: 5, last: 99, page: 10 };
  const moves: readonly (readonly [string, number | undefined])[] = [
    ['ArrowDown', 6],
    ['j', 6],
    ['ArrowUp', 4],
    ['k', 4],
    ['PageDown', 15],
    ['PageUp', 0],
    ['Home', 0],
    ['End', 99],
    ['x', undefined],
  ];
  for (const [key, row] of moves) {
    it(`leads from row 5 to ${row ?? 'none'} by ${key}`, () => assert.equal(gridMove(key, position), row));
  }
});
