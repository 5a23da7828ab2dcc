import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { OperationDocument, OperationState, ServerEvent } from '@dunlin/api';

import { AskedLog } from '../../src/asking/asked-log.ts';

const time = '2026-11-26T12:00:00.000Z';

function event(state: OperationState, change: Partial<OperationDocument> = {}): ServerEvent {
  const endpoint = change.endpoint ?? 'meter';
  const facts = { queuedAt: time, expiresAt: time, attempts: 0, request: {} };
  const type = state === 'sent' ? 'operation-sent' : 'operation-finished';
  const operation = { endpoint, id: 4, operation: 'read', path: '/3/0', state, ...facts, ...change } as const;
  return { type, time, endpoint, operation };
}

describe('what was asked of a device', () => {
  it('is followed from the queue to its end', () => {
    const log = new AskedLog('meter');
    const states: (string | undefined)[] = [];
    log.subscribe(() => states.push(log.byPath.get('/3/0')?.state.kind));
    log.note('read', '/3/0', { kind: 'queued', id: 4 });
    log.apply(event('sent'));
    log.apply(event('done'));
    assert.deepEqual(states, ['queued', 'sent', 'done']);
    assert.deepEqual(log.byPath.get('/3/0')?.state, { kind: 'done', coapCode: '2.05 Content' });
  });

  it('tells why it failed', () => {
    const log = new AskedLog('meter');
    log.note('read', '/3/0', { kind: 'queued', id: 4 });
    log.apply(
      event('failed', { error: { error: 'device-refused', message: 'it refused', coapCode: '4.05' } }),
    );
    assert.deepEqual(log.byPath.get('/3/0')?.state, { kind: 'failed', reason: 'it refused' });
  });

  it('is not mistaken for what others asked, of this device or of another', () => {
    const log = new AskedLog('meter');
    log.note('read', '/3/0', { kind: 'queued', id: 4 });
    log.apply(event('done', { id: 5 }));
    log.apply(event('done', { endpoint: 'lamp' }));
    log.apply(event('done', { path: '/4/0' }));
    assert.equal(log.byPath.get('/3/0')?.state.kind, 'queued');
  });
});
