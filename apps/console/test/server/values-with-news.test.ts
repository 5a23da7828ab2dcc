import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { KnownValueDocument, ServerEvent } from '@dunlin/api';
import { SignalSource } from '@dunlin/base';

import { valuesWithNews } from '../../src/server/values-with-news.ts';

const at = (second: number): string => `2026-11-26T12:00:0${second}.000Z`;

const known = (path: string, value: number, second: number): KnownValueDocument => ({
  path,
  resource: { type: 'float', value },
  origin: 'read',
  knownAt: at(second),
});

const notification = (endpoint: string, path: string, value: number, second: number): ServerEvent => ({
  type: 'notification',
  time: at(second),
  endpoint,
  path,
  isFresh: true,
  content: { path, kind: 'resource', type: 'float', value },
});

describe('values that are asked for', () => {
  it('are not older than what is notified meanwhile', async () => {
    const events = new SignalSource<ServerEvent>();
    const { promise, resolve } = Promise.withResolvers<readonly KnownValueDocument[]>();
    const asked = valuesWithNews(events, 'lamp', () => promise);
    events.emit(notification('lamp', '/3303/0/5700', 22, 5));
    events.emit(notification('lamp', '/3303/0/5601', 3, 1));
    events.emit(notification('lamp', '/3303/0/5602', 40, 5));
    events.emit(notification('other', '/3303/0/5700', 99, 6));
    events.emit({ ...notification('lamp', '/3303/0/5700', 98, 7), isFresh: false } as ServerEvent);
    resolve([known('/3303/0/5601', 4, 2), known('/3303/0/5700', 21, 2)]);
    const values = await asked;
    assert.deepEqual(
      values.map(({ path, resource }) => [path, 'value' in resource ? resource.value : undefined]),
      [
        ['/3303/0/5601', 4],
        ['/3303/0/5602', 40],
        ['/3303/0/5700', 22],
      ],
    );
  });

  it('are listened for no longer when they are there or could not be had', async () => {
    const events = new SignalSource<ServerEvent>();
    await valuesWithNews(events, 'lamp', () => Promise.resolve([]));
    await assert.rejects(
      valuesWithNews(events, 'lamp', () => Promise.reject(new Error('gone'))),
      /gone/,
    );
    assert.equal(events.listenerCount, 0);
  });
});
