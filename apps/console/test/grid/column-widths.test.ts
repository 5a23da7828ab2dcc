import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { columnTemplate, leastRowWidth } from '../../src/grid/column-widths.ts';

describe('the columns of a grid', () => {
  const widths = [{ least: 24 }, { least: 150, share: 2 }];

  it('have a width, or a share of what is left', () => {
    assert.equal(columnTemplate(widths), '24px minmax(150px, 2fr)');
  });

  it('are scrolled sideways when there is no room for all of them, gaps and scroll bar included', () => {
    assert.equal(leastRowWidth(widths), 24 + 12 + 150 + 2 * 12 + 18);
  });
});
