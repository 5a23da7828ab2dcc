import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ReceivedEvent, ServerEvent } from '@dunlin/api';

import { type Connection, type EventsOrigin, LiveEvents } from '../../src/server/live-events.ts';

const event: ServerEvent = { type: 'reset', time: '2026-11-26T12:00:00.000Z' };

/** Streams that each give their events and end; after the last one the reader is disposed of. */
class Streams implements EventsOrigin {
  readonly resumedFrom: (string | undefined)[] = [];
  readonly waits: number[] = [];
  readonly connections: Connection['kind'][] = [];
  readonly ids: string[] = [];
  admissions = 0;
  readonly #streams: (readonly string[] | Error)[];
  readonly #live: LiveEvents;

  constructor(...streams: readonly (readonly string[] | Error)[]) {
    this.#streams = [...streams];
    this.#live = new LiveEvents(this, {
      now: () => 1000,
      admitted: () => {
        this.admissions += 1;
        return Promise.resolve();
      },
      sleep: (milliseconds) => {
        this.waits.push(milliseconds);
        if (this.#streams.length === 0) this.#live[Symbol.dispose]();
        return Promise.resolve();
      },
    });
    this.#live.connectionChanges.subscribe(({ kind }) => this.connections.push(kind));
  }

  async *events({
    lastEventId,
    onOpen,
  }: Parameters<EventsOrigin['events']>[0]): AsyncGenerator<ReceivedEvent> {
    this.resumedFrom.push(lastEventId);
    const stream = this.#streams.shift() ?? [];
    if (stream instanceof Error) throw stream;
    onOpen();
    for (const id of stream) {
      yield { id, event };
      this.ids.push(id);
    }
  }

  async run(): Promise<this> {
    await this.#live.run();
    return this;
  }
}

describe('the stream of events', () => {
  it('resumes after the last event that came, whatever ended it', async () => {
    const { resumedFrom, ids } = await new Streams(['1', '2'], new Error('away'), ['3']).run();
    assert.deepEqual(resumedFrom, [undefined, '2', '2']);
    assert.deepEqual(ids, ['1', '2', '3']);
  });

  it('says that it is cut until it is open again', async () => {
    const { connections } = await new Streams(['1'], new Error('away'), ['2']).run();
    assert.deepEqual(connections, ['live', 'cut', 'live', 'cut']);
  });

  it('waits longer from attempt to attempt, and briefly again after it was open', async () => {
    const away = new Error('away');
    const { waits } = await new Streams(away, away, away, away, away, away, ['1'], away).run();
    assert.deepEqual(waits, [250, 500, 1000, 2000, 5000, 5000, 250, 500]);
  });

  it('is opened for those only whom the server knows, each time anew', async () => {
    const { admissions } = await new Streams(['1'], new Error('the session is over'), ['2']).run();
    assert.equal(admissions, 3);
  });
});
