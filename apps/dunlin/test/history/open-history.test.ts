import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { instantFrom, milliseconds } from '@dunlin/base';
import pino from 'pino';

import { openHistory } from '../../src/history/open-history.ts';
import { ServerMetrics } from '../../src/server/server-metrics.ts';
import { FakeServer } from '../support/fake-server.ts';

let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'dunlin-history-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('a history that reaches its size counts what goes before its age, and warns of it once', async () => {
  const server = new FakeServer();
  const metrics = new ServerMetrics();
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => lines.push(line) });
  const settings = { age: milliseconds(1e12), samples: 100_000, size: 200_000 };
  await using history = await openHistory(server, {
    folder,
    settings,
    stores: { add: (_name, store) => store },
    metrics: metrics.history,
    log,
  });
  const start = Date.now() - 1e6;
  for (let time = 0; time < 10_000; time += 1) {
    const at = instantFrom(start + time);
    const resource = { kind: 'single', type: 'float', value: time + 0.5 } as const;
    const value = { path: '/3303/0/5700', resource, origin: 'notified', knownAt: at } as const;
    server.valuesKnown.emit({ endpoint: 'lamp', values: [value], older: [] });
    // A look at the history has it written.
    if (time % 500 === 0) await history.store.series('lamp');
  }
  const [series] = await history.store.series('lamp');
  assert.equal(series?.last, start + 9999);
  const text = await metrics.metrics();
  const count = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  assert.equal(count('dunlin_history_limit_bytes'), 200_000);
  assert.ok(count('dunlin_history_bytes') <= 200_000);
  assert.equal(count('dunlin_history_shortened_total'), series.first - start);
  assert.ok(series.first > start);
  assert.equal(count('dunlin_history_failures_total'), 0);
  const warnings = lines.filter((line) => line.includes('the history has no more room'));
  assert.equal(warnings.length, 1);
});
