import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ServerEvent } from '@dunlin/api';
import { instantFrom } from '@dunlin/base';
import { coreDefinitions, pathOf } from '@dunlin/lwm2m';

import { eventDocument } from '../../src/events/event-log.ts';
import { publishServerEvents } from '../../src/events/publish-server-events.ts';
import { FakeServer, noon, registration } from '../support/fake-server.ts';

function publishing(): { server: FakeServer; events: ServerEvent[]; subscription: Disposable } {
  const server = new FakeServer();
  const events: ServerEvent[] = [];
  return {
    server,
    events,
    subscription: publishServerEvents(server, coreDefinitions, (event) => events.push(eventDocument(event))),
  };
}

const battery = (value: number) =>
  ({ kind: 'resource', resource: { kind: 'single', type: 'integer', value } }) as const;

describe('events of the server', () => {
  it('tells of a registration and whether it replaced one', () => {
    const { server, events } = publishing();
    const known = registration('lamp');
    server.registered.emit({ registration: known });
    server.registered.emit({ registration: known, replaced: known });
    assert.deepEqual(
      events.map((event) => event.type === 'registered' && [event.device.endpoint, event.replaced]),
      [
        ['lamp', false],
        ['lamp', true],
      ],
    );
  });

  it('tells of updates, deregistrations and expiries', () => {
    const { server, events } = publishing();
    const known = registration('lamp');
    server.updated.emit({ registration: known, previous: known });
    server.deregistered.emit({ registration: known });
    server.expired.emit({ registration: known });
    server.observationEnded.emit({ endpoint: 'lamp', path: '/3/0/9', reason: 'expired' });
    assert.deepEqual(
      events.map(({ type }) => type),
      ['updated', 'deregistered', 'expired', 'observation-ended'],
    );
  });

  it('tells of a notification with the newest content, when it was measured, and its history', () => {
    const { server, events } = publishing();
    server.notified.emit({
      endpoint: 'lamp',
      path: '/3/0/9',
      time: noon,
      isFresh: true,
      content: [
        { content: battery(90), time: 1_767_268_799 },
        { content: battery(91), time: 1_767_268_798.5 },
      ],
    });
    const named = { path: '/3/0/9', kind: 'resource', name: 'Battery Level', type: 'integer', units: '%' };
    assert.deepEqual(events, [
      {
        type: 'notification',
        time: '2026-01-01T12:00:00.000Z',
        endpoint: 'lamp',
        path: '/3/0/9',
        isFresh: true,
        content: { ...named, value: 90 },
        measuredAt: '2026-01-01T11:59:59.000Z',
        history: [{ measuredAt: '2026-01-01T11:59:58.500Z', content: { ...named, value: 91 } }],
      },
    ]);
  });

  it('counts times that are relative to now from the arrival of the notification (R-1134)', () => {
    const { server, events } = publishing();
    server.notified.emit({
      endpoint: 'lamp',
      path: '/3/0/9',
      time: noon,
      isFresh: true,
      content: [
        { content: battery(90), time: -5 },
        { content: battery(91), time: -3600.5 },
      ],
    });
    const [event] = events;
    assert.ok(event?.type === 'notification');
    assert.equal(event.measuredAt, '2026-01-01T11:59:55.000Z');
    assert.deepEqual(
      event.history?.map(({ measuredAt }) => measuredAt),
      ['2026-01-01T10:59:59.500Z'],
    );
  });

  it('gives instants beyond the years of RFC 3339 as the last one', () => {
    const { server, events } = publishing();
    server.updated.emit({
      registration: registration('lamp', { expiresAt: instantFrom(9e15) }),
      previous: registration('lamp'),
    });
    const [event] = events;
    assert.equal(event?.type === 'updated' && event.device.expiresAt, '9999-12-31T23:59:59.999Z');
  });

  it('tells nothing more when disposed', () => {
    const { server, events, subscription } = publishing();
    subscription[Symbol.dispose]();
    server.expired.emit({ registration: registration('lamp') });
    assert.deepEqual(events, []);
  });

  it('tells of operations that wait: accepted, sent, and over with their result or error', async () => {
    const { server, events } = publishing();
    const device = server.add(registration('meter'));
    await device.operations.enqueue({ name: 'read', target: pathOf(3, 0, 9) });
    device.operations.change(1, { kind: 'sent', at: noon });
    device.operations.change(1, {
      kind: 'done',
      at: noon,
      result: { kind: 'content', content: battery(80) },
    });
    await device.operations.enqueue({ name: 'execute', target: pathOf(3, 0, 4) });
    device.operations.change(2, { kind: 'expired', at: noon });
    const told = events.map((event) =>
      'operation' in event && typeof event.operation === 'object'
        ? [event.type, event.endpoint, event.operation.id, event.operation.state]
        : event.type,
    );
    assert.deepEqual(told, [
      ['operation-queued', 'meter', 1, 'waiting'],
      ['operation-sent', 'meter', 1, 'sent'],
      ['operation-finished', 'meter', 1, 'done'],
      ['operation-queued', 'meter', 2, 'waiting'],
      ['operation-finished', 'meter', 2, 'expired'],
    ]);
  });

  it('tells the code with which a device ended an observation', () => {
    const { server, events } = publishing();
    server.observationEnded.emit({
      endpoint: 'lamp',
      path: '/3/0/9',
      reason: 'ended-by-device',
      coapCode: '4.04',
    });
    assert.equal(events[0]?.type === 'observation-ended' && events[0].coapCode, '4.04');
  });
});
