import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { KeptHere } from '../../src/app/kept-here.ts';
import { keepColumns, storedColumns } from '../../src/pages/devices/chosen-columns.ts';
import { keepViews, storedViews, withView } from '../../src/pages/devices/saved-views.ts';

function storage(content?: string): KeptHere {
  let kept: string | null = content ?? null;
  return {
    getItem: () => kept,
    setItem: (_key, value) => {
      kept = value;
    },
  };
}

/** A browser that is full, or forbids it. */
const full: KeptHere = {
  getItem: () => null,
  setItem: () => {
    throw new DOMException('no room', 'QuotaExceededError');
  },
};

/** What may be there that this console did not write. */
const odd = ['', '{', '{}', '7', '"model"', '[null, 3, {"name": 1}, ["x"]]', '[{"name":"","filter":"a"}]'];

describe('the columns of the list of devices', () => {
  it('are those that were chosen in this browser, in their order', () => {
    const browser = storage();
    assert.ok(storedColumns(browser).includes('model'));
    keepColumns(browser, ['tags', 'address']);
    assert.deepEqual(storedColumns(browser), ['address', 'tags']);
    keepColumns(browser, []);
    assert.deepEqual(storedColumns(browser), []);
  });

  for (const content of odd) {
    it(`are some, whatever is in the storage: ${content}`, () => {
      for (const column of storedColumns(storage(content))) assert.equal(typeof column, 'string');
    });
  }

  it('last until the page is left where there is no room', () => {
    keepColumns(full, ['tags']);
    assert.ok(storedColumns(full).includes('model'));
  });
});

describe('saved views', () => {
  const lab = { name: 'Lab', filter: 'tag:lab' };

  it('are filters with a name, by name, kept in this browser', () => {
    const browser = storage();
    const views = withView([lab], { name: ' Asleep ', filter: 'state:asleep' }) ?? [];
    keepViews(browser, views);
    assert.deepEqual(storedViews(browser), [{ name: 'Asleep', filter: 'state:asleep' }, lab]);
  });

  it('take the place of one with the same name', () => {
    assert.deepEqual(withView([lab], { name: 'Lab', filter: 'tag:field' }), [
      { name: 'Lab', filter: 'tag:field' },
    ]);
  });

  it('have a name, and are not more than one looks through', () => {
    assert.equal(withView([], { name: '  ', filter: 'tag:lab' }), undefined);
    assert.equal(withView([], { name: 'x'.repeat(61), filter: 'tag:lab' }), undefined);
    const many = Array.from({ length: 50 }, (_, index) => ({ name: `view ${index}`, filter: 'a' }));
    assert.equal(withView(many, lab), undefined);
    assert.equal(withView(many, { name: 'view 7', filter: 'b' })?.length, 50);
  });

  for (const content of odd) {
    it(`are none, where the storage has something else: ${content}`, () => {
      assert.deepEqual(storedViews(storage(content)), []);
    });
  }
});
