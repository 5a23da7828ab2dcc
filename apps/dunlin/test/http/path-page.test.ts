import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { pathPage } from '../../src/http/path-page.ts';
import { RequestProblem } from '../../src/http/request-problem.ts';

const entries = [
  { path: '/3/0/9', name: 'Battery Level' },
  { path: '/3/0/13', name: 'Current Time' },
  { path: '/3303/0/5700', name: 'Sensor Value' },
  { path: '/3303/10/5700', name: 'Sensor Value' },
  { path: '/30001/0/1' },
];

function paths(query: Parameters<typeof pathPage>[1]): readonly [readonly string[], string | null] {
  const { page, next } = pathPage<{ path: string; name?: string }>(entries, query, ({ name }) => name);
  return [page.map(({ path }) => path), next];
}

describe('a page of a list by paths', () => {
  it('is the whole list where nobody asks for less', () => {
    assert.deepEqual(paths({}), [entries.map(({ path }) => path), null]);
  });

  it('has so many entries, and says where the rest begins in the numeric order of paths', () => {
    assert.deepEqual(paths({ limit: 2 }), [['/3/0/9', '/3/0/13'], '/3/0/13']);
    assert.deepEqual(paths({ limit: 2, after: '/3/0/13' }), [
      ['/3303/0/5700', '/3303/10/5700'],
      '/3303/10/5700',
    ]);
    assert.deepEqual(paths({ limit: 2, after: '/3303/10/5700' }), [['/30001/0/1'], null]);
    assert.deepEqual(paths({ limit: 5 })[1], null);
    // What the page before ended with may be gone.
    assert.deepEqual(paths({ after: '/3303/9' }), [['/3303/10/5700', '/30001/0/1'], null]);
  });

  it('has those with a text in their path or name, in any case of letters', () => {
    assert.deepEqual(paths({ contains: 'VALUE', limit: 1 }), [['/3303/0/5700'], '/3303/0/5700']);
    assert.deepEqual(paths({ contains: 'value', after: '/3303/0/5700' }), [['/3303/10/5700'], null]);
    assert.deepEqual(paths({ contains: '/3/0' })[0], ['/3/0/9', '/3/0/13']);
    assert.deepEqual(paths({ contains: 'none' }), [[], null]);
  });

  it('is refused after what is no path', () => {
    for (const after of ['/3//0', '/99999', '/1/2/3/4/5'])
      assert.throws(() => paths({ after }), RequestProblem, after);
  });
});
