import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';
import type { KnownValue, NewHistorySample } from '@dunlin/server';

import { recordHistory } from '../../src/history/record-history.ts';
import { FakeServer, noon } from '../support/fake-server.ts';

const measured = instantFrom(noon - 5000);

function recorded(
  values: readonly KnownValue[],
  older: readonly KnownValue[] = [],
): readonly NewHistorySample[] {
  const server = new FakeServer();
  const samples: NewHistorySample[] = [];
  using _recording = recordHistory(server, { append: (added) => samples.push(...added) });
  server.valuesKnown.emit({ endpoint: 'lamp', values, older });
  return samples;
}

const number = (path: string, value: number, facts: Partial<KnownValue> = {}): KnownValue => ({
  path,
  resource: { kind: 'single', type: 'float', value },
  origin: 'notified',
  knownAt: noon,
  ...facts,
});

describe('the history of a device', () => {
  it('has what comes to be known, at the time it was measured, or else became known', () => {
    const samples = recorded(
      [number('/3303/0/5700', 2, { origin: 'read' })],
      [number('/3303/0/5700', 1, { measuredAt: measured })],
    );
    assert.deepEqual(samples, [
      {
        endpointName: 'lamp',
        path: '/3303/0/5700',
        at: measured,
        type: 'float',
        value: 1,
        origin: 'notified',
      },
      { endpointName: 'lamp', path: '/3303/0/5700', at: noon, type: 'float', value: 2, origin: 'read' },
    ]);
  });

  it('has each instance of a multiple Resource by itself', () => {
    const values = new Map([
      [0, 3800],
      [1, 5000],
    ]);
    const samples = recorded([
      { ...number('/3/0/7', 0), resource: { kind: 'multiple', type: 'integer', values } },
    ]);
    assert.deepEqual(
      samples.map(({ path, value }) => [path, value]),
      [
        ['/3/0/7/0', 3800],
        ['/3/0/7/1', 5000],
      ],
    );
  });

  it('has nothing of Objects that hold keys', () => {
    assert.deepEqual(recorded([number('/0/0/5', 1), number('/21/0/3', 1)]), []);
  });
});
