import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Activity } from '../../src/overview/activity.ts';
import { noon, registration } from '../support/fake-server.ts';
import { testApp } from '../support/test-app.ts';

describe('GET /overview', () => {
  it('counts devices by state, tells what happened and how often', async () => {
    const activity = new Activity(noon - 10_000);
    const { ask, server } = await testApp({ activity });
    server.add(registration('meter', { bindingMode: 'UQ' }));
    server.sleeping.add('meter');
    server.add(registration('gone'));
    await server.deregister('gone');
    activity.counters.registrations += 2;
    server.updated.emit({ registration: registration('lamp'), previous: registration('lamp') });
    server.expired.emit({ registration: registration('gone') });
    const { status, body } = await ask('GET', '/api/v1/overview');
    assert.equal(status, 200);
    const { devices, lastMinute, minutes, events, time } = body as {
      devices: object;
      lastMinute: Record<string, number>;
      minutes: unknown[];
      events: { event: { type: string } }[];
      time: string;
    };
    assert.deepEqual(devices, { registered: 2, online: 1, asleep: 1, offline: 1 });
    assert.equal(lastMinute['registrations'], 2);
    assert.equal(lastMinute['handshakeFailures'], 0);
    assert.deepEqual(minutes, []);
    assert.deepEqual(
      events.map(({ event }) => event.type),
      ['expired'],
    );
    assert.equal(time, '2026-01-01T12:00:00.000Z');
  });
});

describe('GET /events/log', () => {
  it('gives events of the past, of a device and of a type', async () => {
    const { ask, server } = await testApp();
    server.expired.emit({ registration: registration('a') });
    server.deregistered.emit({ registration: registration('a') });
    server.expired.emit({ registration: registration('b') });
    const ids = async (query: string) =>
      ((await ask('GET', `/api/v1/events/log${query}`)).body['events'] as { id: string }[]).map(
        ({ id }) => id,
      );
    assert.deepEqual(await ids(''), ['e-3', 'e-2', 'e-1']);
    assert.deepEqual(await ids('?endpoint=a'), ['e-2', 'e-1']);
    assert.deepEqual(await ids('?type=expired&limit=1'), ['e-3']);
    assert.deepEqual(await ids('?type=expired&before=e-3'), ['e-1']);
  });
});
