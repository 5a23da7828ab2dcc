import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { KnownValueDocument, ServerEvent } from '@dunlin/api';

import { type AnswerCache, applyEvent } from '../../src/server/apply-event.ts';

const time = '2026-11-26T12:00:00.000Z';

class Cache implements AnswerCache {
  readonly answers = new Map<string, unknown>();
  readonly askedAgain: string[] = [];

  setQueryData<T>(key: readonly string[], update: (old: T | undefined) => T | undefined): void {
    this.answers.set(key.join(' '), update(this.answers.get(key.join(' ')) as T | undefined));
  }

  invalidateQueries(filter?: { readonly queryKey: readonly string[] }): Promise<void> {
    this.askedAgain.push(filter?.queryKey.join(' ') ?? 'all');
    return Promise.resolve();
  }
}

function notification(path: string, value: number, isFresh = true): ServerEvent {
  const content = { path, kind: 'resource', type: 'float', value } as const;
  return { type: 'notification', time, endpoint: 'lamp', path, isFresh, content };
}

const known = (path: string, value: number): KnownValueDocument => ({
  path,
  resource: { type: 'float', value },
  origin: 'read',
  knownAt: '2026-11-26T11:00:00.000Z',
});

const shown = (cache: Cache): readonly unknown[] =>
  (cache.answers.get('values lamp') as readonly KnownValueDocument[]).map(({ path, resource, origin }) => [
    path,
    'value' in resource ? resource.value : undefined,
    origin,
  ]);

describe('events', () => {
  it('bring values up to date where they are, and new ones in the order of their paths', () => {
    const cache = new Cache();
    cache.answers.set('values lamp', [known('/3303/0/2', 1), known('/3303/0/10', 2)]);
    applyEvent(cache, notification('/3303/0/10', 3));
    applyEvent(cache, notification('/3303/0/9', 4));
    assert.deepEqual(shown(cache), [
      ['/3303/0/2', 1, 'read'],
      ['/3303/0/9', 4, 'notified'],
      ['/3303/0/10', 3, 'notified'],
    ]);
  });

  it('leave values alone that a newer notification brought (RFC 7641 §3.4)', () => {
    const cache = new Cache();
    cache.answers.set('values lamp', [known('/3303/0/2', 1)]);
    applyEvent(cache, notification('/3303/0/2', 3, false));
    assert.deepEqual(shown(cache), [['/3303/0/2', 1, 'read']]);
  });

  it('put all Resources of an Object Instance in that was notified', () => {
    const cache = new Cache();
    cache.answers.set('values lamp', []);
    const resources = { 5700: { type: 'float', value: 1 }, 5601: { type: 'float', value: 0 } } as const;
    applyEvent(cache, {
      type: 'notification',
      time,
      endpoint: 'lamp',
      path: '/3303/0',
      isFresh: true,
      content: { path: '/3303/0', kind: 'object-instance', resources },
    });
    assert.deepEqual(shown(cache), [
      ['/3303/0/5601', 0, 'notified'],
      ['/3303/0/5700', 1, 'notified'],
    ]);
  });

  it('have the absences of a device asked again when its registration ends', () => {
    const cache = new Cache();
    applyEvent(cache, { type: 'expired', time, endpoint: 'lamp', registrationId: 'a' });
    assert.deepEqual(cache.askedAgain, ['device lamp', 'absences lamp']);
  });

  it('have everything asked again when some were lost', () => {
    const cache = new Cache();
    applyEvent(cache, { type: 'reset', time });
    assert.deepEqual(cache.askedAgain, ['all']);
  });
});
