import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { EventHub, type EventSink } from '../../src/events/event-hub.ts';

const time = '2026-01-01T12:00:00.000Z';

class TestSink implements EventSink {
  text = '';
  waiting = 0;
  isClosed = false;
  write(text: string): void {
    this.text += text;
  }
  close(): void {
    this.isClosed = true;
  }
  get ids(): readonly string[] {
    return [...this.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '');
  }
  get events(): readonly string[] {
    return [...this.text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name ?? '');
  }
}

function hub(limits: { events?: number; characters?: number; waitingPerSubscriber?: number } = {}): EventHub {
  return new EventHub({ epoch: 'e', now: () => time, limits });
}

const expired = (endpoint: string) => ({ type: 'expired', time, endpoint, registrationId: 'r' }) as const;

describe('the hub of events', () => {
  it('sends what happens from now on, each event with the next id', () => {
    const events = hub();
    events.publish(expired('before'));
    const sink = new TestSink();
    events.subscribe(sink, {});
    events.publish(expired('a'));
    events.publish(expired('b'));
    assert.deepEqual(sink.ids, ['e-2', 'e-3']);
    assert.match(sink.text, /^retry: 1000\n\nid: e-2\nevent: expired\ndata: \{"type":"expired",.*\}\n\n/);
  });

  it('sends a subscriber of one device only what concerns it', () => {
    const events = hub();
    const sink = new TestSink();
    events.subscribe(sink, { endpoint: 'a' });
    events.publish(expired('b'));
    events.publish(expired('a'));
    assert.deepEqual(sink.ids, ['e-2']);
  });

  it('sends a subscriber of one device nothing of somebody unknown', () => {
    const events = hub();
    const one = new TestSink();
    const all = new TestSink();
    events.subscribe(one, { endpoint: 'a' });
    events.subscribe(all, {});
    events.publish({ type: 'handshake-failed', time, address: '192.0.2.1:1', reason: 'r' });
    assert.deepEqual([one.ids, all.ids], [[], ['e-1']]);
  });

  it('resumes after the last event the reader had', () => {
    const events = hub();
    for (const name of ['a', 'b', 'c']) events.publish(expired(name));
    const sink = new TestSink();
    events.subscribe(sink, { lastEventId: 'e-1' });
    assert.deepEqual(sink.ids, ['e-2', 'e-3']);
    const current = new TestSink();
    events.subscribe(current, { lastEventId: 'e-3' });
    assert.deepEqual(current.ids, []);
  });

  for (const [lastEventId, why] of [
    ['e-1', 'events in between are no longer kept'],
    ['e-99', 'the id is not one of this server yet'],
    ['d-4', 'the id is that of an earlier run'],
    ['nonsense', 'the id is none'],
    ['', 'the id is empty'],
  ] as const) {
    it(`says reset when ${why}`, () => {
      const events = hub({ events: 2 });
      for (const name of ['a', 'b', 'c', 'd']) events.publish(expired(name));
      const sink = new TestSink();
      events.subscribe(sink, { lastEventId });
      assert.deepEqual(sink.events, ['reset']);
      assert.deepEqual(sink.ids, ['e-4']);
      events.publish(expired('x'));
      assert.deepEqual(sink.ids, ['e-4', 'e-5']);
    });
  }

  it('keeps no more characters than the limit', () => {
    const events = hub({ characters: 300 });
    for (let count = 0; count < 100; count += 1) events.publish(expired('x'));
    const near = new TestSink();
    events.subscribe(near, { lastEventId: 'e-98' });
    assert.deepEqual(near.ids, ['e-99', 'e-100']);
    const far = new TestSink();
    events.subscribe(far, { lastEventId: 'e-90' });
    assert.deepEqual(far.events, ['reset']);
  });

  it('makes the document of an event once, and only when it is read', () => {
    const events = hub({ characters: 250 });
    let made = 0;
    const unread = (endpoint: string) => ({
      eventType: 'expired' as const,
      endpoint,
      length: 100,
      read: () => {
        made += 1;
        return expired(endpoint);
      },
    });
    for (const name of ['a', 'b', 'c']) events.publish(unread(name));
    assert.equal(made, 0);
    const other = new TestSink();
    events.subscribe(other, { endpoint: 'b', lastEventId: 'e-2' });
    assert.deepEqual([made, other.ids], [0, []]);
    for (let reader = 0; reader < 2; reader += 1) {
      const sink = new TestSink();
      events.subscribe(sink, { lastEventId: 'e-1' });
      assert.deepEqual(sink.ids, ['e-2', 'e-3']);
      assert.match(sink.text, /"endpoint":"b"[^]*"endpoint":"c"/);
    }
    assert.equal(made, 2);
    const late = new TestSink();
    events.subscribe(late, { lastEventId: 'e-0' });
    assert.deepEqual(late.events, ['reset'], 'the announced length counts');
  });

  it('cuts off a reader that lags too far behind', () => {
    const events = hub({ waitingPerSubscriber: 1000 });
    const slow = new TestSink();
    const quick = new TestSink();
    events.subscribe(slow, {});
    events.subscribe(quick, {});
    slow.waiting = 1001;
    events.publish(expired('a'));
    assert.equal(slow.isClosed, true);
    assert.deepEqual(slow.ids, []);
    assert.deepEqual(quick.ids, ['e-1']);
    assert.equal(events.subscriberCount, 1);
  });

  it('writes a comment as heartbeat, and ends every stream on close', () => {
    const events = hub();
    const sink = new TestSink();
    events.subscribe(sink, {});
    events.heartbeat();
    assert.match(sink.text, /: still here\n\n$/);
    events.close();
    assert.equal(sink.isClosed, true);
    assert.equal(events.subscriberCount, 0);
  });

  it('gives events of the past, the newest first and page by page', () => {
    const events = hub({ events: 10 });
    for (const name of ['a', 'b', 'a', 'b', 'a']) events.publish(expired(name));
    events.publish({
      type: 'deregistered',
      time: '2026-01-01T12:00:00.000Z',
      endpoint: 'a',
      registrationId: 'r',
    });
    const ids = (request: Parameters<EventHub['past']>[0]) => events.past(request).events.map(({ id }) => id);
    assert.deepEqual(ids({ limit: 2 }), ['e-6', 'e-5']);
    assert.equal(events.past({ limit: 2 }).next, 'e-5');
    assert.deepEqual(ids({ limit: 2, before: 'e-5' }), ['e-4', 'e-3']);
    assert.deepEqual(ids({ limit: 10, endpoint: 'a', fits: (type) => type === 'expired' }), [
      'e-5',
      'e-3',
      'e-1',
    ]);
    const [oldest] = events.past({ limit: 10, before: 'e-2' }).events;
    assert.equal(JSON.stringify(oldest), JSON.stringify({ id: 'e-1', event: expired('a') }));
    assert.equal(events.past({ limit: 10, before: 'e-2' }).next, null);
    assert.deepEqual(ids({ limit: 1, before: 'nothing' }), ['e-6']);
  });

  it('has no events of the past but those that are kept', () => {
    const events = hub({ events: 2 });
    for (const name of ['a', 'b', 'c']) events.publish(expired(name));
    assert.deepEqual(
      events.past({ limit: 10 }).events.map(({ id }) => id),
      ['e-3', 'e-2'],
    );
    assert.equal(events.past({ limit: 10 }).next, null);
  });
});
