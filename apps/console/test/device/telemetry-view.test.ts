import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { chartKey } from '../../src/pages/device/telemetry/chart-keys.ts';
import { draggedSpan, moved, zoomed } from '../../src/pages/device/telemetry/span.ts';
import {
  formatTelemetryView,
  parseTelemetryView,
  type TelemetryView,
} from '../../src/pages/device/telemetry/telemetry-view.ts';

const noon = Date.parse('2026-11-26T12:00:00.000Z') / 1000;

describe('what a chart shows', () => {
  const views: readonly TelemetryView[] = [
    { range: '15m' },
    { range: 'all', paths: [] },
    { range: '24h', paths: ['/3303/0/5700', '/3/0/7/1'] },
    { range: '1h', span: { from: noon, to: noon + 1.5 }, paths: ['/3303/0/5700'] },
  ];
  for (const view of views) {
    it(`is in the URL: ${formatTelemetryView(view)}`, () => {
      assert.deepEqual(parseTelemetryView(formatTelemetryView(view)), view);
    });
  }

  for (const query of [
    '',
    'month /3303 /03/0/1 /3303/0/5700x',
    'constructor',
    '2026-11-26T12:00:00Z/2026-11-26T12:00:00Z',
    '2026-11-26T13:00:00Z/2026-11-26T12:00:00Z',
    'x/y',
    'a/b/c',
  ]) {
    it(`is what nobody chose, where a URL says nothing that can be shown: ${query}`, () => {
      assert.deepEqual(parseTelemetryView(query), { range: '15m' });
    });
  }
});

describe('a part of time', () => {
  it('is zoomed about its middle, or about the cursor, which stays where it is', () => {
    assert.deepEqual(zoomed({ from: 0, to: 100 }, 0.5), { from: 25, to: 75 });
    assert.deepEqual(zoomed({ from: 0, to: 100 }, 0.5, 20), { from: 10, to: 60 });
    assert.deepEqual(zoomed({ from: 25, to: 75 }, 2), { from: 0, to: 100 });
  });

  it('is never shorter than a second', () => {
    assert.deepEqual(zoomed({ from: 10, to: 11 }, 0.5), { from: 10, to: 11 });
  });

  it('is moved by a share of its length', () => {
    assert.deepEqual(moved({ from: 0, to: 100 }, -0.5), { from: -50, to: 50 });
  });

  it('is dragged from either end, and not by a slip of the hand', () => {
    assert.deepEqual(draggedSpan(20, 10), { from: 10, to: 20 });
    assert.equal(draggedSpan(10, 10.4), undefined);
  });
});

describe('the keys of a chart', () => {
  const span = { from: 0, to: 100 };
  const times = [-5, 10, 50, 90, 200];
  const press = (key: string, cursor?: number, isShift = false) =>
    chartKey({ key, isShift }, span, times, cursor);

  it('go from value to value of what is shown', () => {
    assert.deepEqual(press('ArrowRight'), { kind: 'cursor', time: 10 });
    assert.deepEqual(press('ArrowLeft'), { kind: 'cursor', time: 90 });
    assert.deepEqual(press('ArrowRight', 10), { kind: 'cursor', time: 50 });
    assert.deepEqual(press('ArrowLeft', 50), { kind: 'cursor', time: 10 });
    assert.equal(press('ArrowRight', 90), undefined);
    assert.deepEqual(press('Home', 50), { kind: 'cursor', time: 10 });
    assert.deepEqual(press('End', 50), { kind: 'cursor', time: 90 });
  });

  it('zoom about the cursor, move, and go back to what is live', () => {
    assert.deepEqual(press('+', 20), { kind: 'zoom', span: { from: 10, to: 60 } });
    assert.deepEqual(press('-'), { kind: 'zoom', span: { from: -50, to: 150 } });
    assert.deepEqual(press('ArrowLeft', 20, true), { kind: 'zoom', span: { from: -50, to: 50 } });
    assert.deepEqual(press('0'), { kind: 'live' });
    assert.deepEqual(press('Escape'), { kind: 'live' });
    assert.equal(press('x'), undefined);
  });
});
