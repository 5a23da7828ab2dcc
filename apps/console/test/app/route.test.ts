import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from 'fast-check';

import { deviceRoute, formatRoute, parseRoute, type Route } from '../../src/app/route.ts';

describe('places of the console', () => {
  const places: readonly (readonly [string, string, Route])[] = [
    ['/', '', { page: 'overview' }],
    ['/devices', '', { page: 'devices', filter: '' }],
    ['/devices', '?q=state%3Aonline', { page: 'devices', filter: 'state:online' }],
    ['/devices/urn%3Adev%3Aa%2Fb', '', deviceRoute('urn:dev:a/b')],
    ['/devices/lamp/resources/3/0', '', deviceRoute('lamp', 'resources', '/3/0')],
    ['/devices/lamp/events', '', deviceRoute('lamp', 'events')],
    ['/devices/lamp/telemetry', '?q=3600', deviceRoute('lamp', 'telemetry', '', '3600')],
    ['/help', '', { page: 'help', query: '' }],
  ];
  for (const [path, search, route] of places) {
    it(`are in the URL: ${path}${search}`, () => {
      assert.deepEqual(parseRoute(path, search), route);
      assert.equal(formatRoute(route), `${path}${search}`);
    });
  }

  const nowhere = [
    '/nothing',
    '/help/me',
    '/devices/lamp/nothing',
    '/devices/lamp/resources/3/x',
    '/devices/lamp/resources/03',
    '/devices/lamp/resources/1/2/3/4/5',
    '/devices/lamp/events/3',
    '/devices/%zz',
  ];
  for (const path of nowhere) {
    it(`are unknown elsewhere: ${path}`, () => assert.deepEqual(parseRoute(path), { page: 'unknown', path }));
  }

  it('bring every endpoint name back from the URL, however odd', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }).filter((name) => name.isWellFormed()),
        (name) => {
          assert.deepEqual(parseRoute(formatRoute(deviceRoute(name))), deviceRoute(name));
        },
      ),
    );
  });
});
