import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { containing, fittingPage, type OrderedList } from '../../src/http/fitting-page.ts';

/** The numbers from 1 to 1000, and the sizes of the parts that were read. */
function numbers(): { readonly list: OrderedList<number, number>; readonly read: number[] } {
  const read: number[] = [];
  const all = Array.from({ length: 1000 }, (_, index) => index + 1);
  const list: OrderedList<number, number> = {
    read: (after = 0, limit) => {
      const part = all.slice(after, after + limit);
      read.push(part.length);
      return part;
    },
    placeOf: (entry) => entry,
  };
  return { list, read };
}

const { signal } = new AbortController();
const hundreds = (entry: number): boolean => entry % 100 === 0;

describe('a page of those in a list that fit', () => {
  it('has them all, page by page, however far apart they are', async () => {
    const { list } = numbers();
    const pages: (readonly number[])[] = [];
    let after: number | undefined;
    do {
      const { page, next } = await fittingPage(list, { after, limit: 4, fits: hundreds, signal });
      pages.push(page);
      after = next;
    } while (after !== undefined);
    assert.deepEqual(pages, [
      [100, 200, 300, 400],
      [500, 600, 700, 800],
      [900, 1000],
    ]);
  });

  it('says that there is no more where the last one that fits ends a full page', async () => {
    const { list } = numbers();
    const request = { after: 600, limit: 4, fits: hundreds, signal };
    assert.deepEqual(await fittingPage(list, request), { page: [700, 800, 900, 1000], next: undefined });
  });

  it('reads no more than the page and one where every entry fits', async () => {
    const { list, read } = numbers();
    const { page, next } = await fittingPage(list, { after: 10, limit: 2, signal });
    assert.deepEqual([page, next, read], [[11, 12], 12, [3]]);
  });

  it('looks through a long list in parts, and lets other work go on between them', async () => {
    const { list, read } = numbers();
    const searched = fittingPage(list, { after: undefined, limit: 1, fits: () => false, signal });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(read.slice(0, 1), [256]);
    assert.ok(read.length < 4, 'nothing else went on');
    await searched;
    assert.deepEqual(read, [256, 256, 256, 232]);
  });

  it('is given up when nobody waits for it any more', async () => {
    const { list, read } = numbers();
    const gone = new AbortController();
    const fits = (entry: number): boolean => {
      if (entry === 300) gone.abort();
      return false;
    };
    await fittingPage(list, { after: undefined, limit: 1, fits, signal: gone.signal });
    assert.deepEqual(read, [256, 256]);
  });
});

describe('a part of a text', () => {
  it('is found in any case of letters', () => {
    const isPart = containing('Öl-');
    assert.equal(isPart?.('heizÖL-3'), true);
    assert.equal(isPart?.('oel-3'), false);
  });

  it('is no condition when none is asked for', () => {
    assert.equal(containing(undefined), undefined);
  });
});
