import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type ServerEvent, ServerEventSchema } from '@dunlin/api';
import * as Value from 'typebox/value';

import { contentRows, valueText } from '../../src/cli/content-rows.ts';
import { durationText, relativeText } from '../../src/cli/duration-text.ts';
import { eventText } from '../../src/cli/event-text.ts';
import { printable, renderTable } from '../../src/cli/table.ts';

describe('tables', () => {
  it('align columns and leave no blanks at line ends', () => {
    assert.equal(renderTable(['A', 'LONG', 'C'], [['value', 'x', '']]), 'A      LONG  C\nvalue  x\n');
  });

  it('count wide characters as two columns', () => {
    assert.equal(renderTable(['A', 'B'], [['温度', 'x']]), 'A     B\n温度  x\n');
  });

  it('show what would steer a terminal instead of sending it', () => {
    assert.equal(printable('\u001b[2Jx\n\u202e\u009b'), '\\u{1b}[2Jx\\n\\u{202e}\\u{9b}');
  });
});

describe('values for people', () => {
  for (const [value, type, units, text] of [
    [21.5, 'float', 'Cel', '21.5 Cel'],
    [9_223_372_036_854_775_807n, 'integer', undefined, '9223372036854775807'],
    [1_767_268_800, 'time', undefined, '2026-01-01T12:00:00Z'],
    ['AP8=', 'opaque', undefined, '0x00ff'],
    [true, 'boolean', undefined, 'true'],
    ['3303:0', 'objlnk', undefined, '3303:0'],
    ['Cel', 'string', 'x', 'Cel'],
    [9e17, 'time', undefined, '900000000000000000 s'],
  ] as const) {
    it(`${type} ${value} is ${text}`, () => {
      assert.equal(valueText(value, type, units), text);
    });
  }

  it('a long opaque is cut and counted', () => {
    const text = valueText(Buffer.alloc(100).toString('base64'), 'opaque');
    assert.match(text, /^0x0{64}… \(100 bytes\)$/);
  });

  it('content gives one row a value', () => {
    assert.deepEqual(
      contentRows({
        path: '/3/0',
        kind: 'object-instance',
        resources: {
          0: { name: 'Manufacturer', type: 'string', value: 'x' },
          6: { type: 'integer', values: { 0: 1, 1: 5 } },
          7: { type: 'integer', values: {} },
        },
      }),
      [
        ['/3/0/0', 'Manufacturer', 'x'],
        ['/3/0/6/0', '', '1'],
        ['/3/0/6/1', '', '5'],
        ['/3/0/7', '', '(none)'],
      ],
    );
  });
});

describe('times for people', () => {
  it('are in the unit that fits', () => {
    assert.deepEqual([1, 119, 600, 7200, 864_000].map(durationText), [
      '1 s',
      '119 s',
      '10 min',
      '2 h',
      '10 d',
    ]);
  });

  it('are ahead or ago', () => {
    const now = Date.parse('2026-01-01T12:00:00Z');
    assert.equal(relativeText('2026-01-01T11:59:50Z', now), '10 s ago');
    assert.equal(relativeText('2026-01-01T12:05:00Z', now), 'in 5 min');
  });
});

describe('events for people', () => {
  const time = '2026-01-01T12:00:00.250Z';
  it('are lines that begin with the time', () => {
    assert.equal(
      eventText({
        type: 'notification',
        time,
        endpoint: 'lamp',
        path: '/3/0/9',
        isFresh: false,
        content: {
          path: '/3/0/9',
          kind: 'resource',
          name: 'Battery Level',
          type: 'integer',
          units: '%',
          value: 90,
        },
      }),
      '12:00:00.250  lamp  /3/0/9  Battery Level  90 %  (late: a newer one came before)\n',
    );
    assert.equal(
      eventText({ type: 'expired', time, endpoint: 'la\u001bmp', registrationId: 'x' }),
      '12:00:00.250  la\\u{1b}mp  expired without an update\n',
    );
  });

  it('tell how a bootstrap goes', () => {
    const facts = { time: '2026-01-01T12:00:00.250Z', endpoint: 'lamp', session: 's1' };
    const step = {
      operation: 'write',
      path: '/0/1',
      format: 'tlv',
      length: 70,
      startedAt: facts.time,
    } as const;
    const events: readonly ServerEvent[] = [
      {
        ...facts,
        type: 'bootstrap-started',
        initiatedBy: 'client',
        address: '192.0.2.7:9',
        security: 'none',
      },
      { ...facts, type: 'bootstrap-started', initiatedBy: 'server', address: '192.0.2.7:9', security: 'psk' },
      { ...facts, type: 'bootstrap-step', step: { ...step, answer: { at: facts.time, coapCode: '2.04' } } },
      {
        ...facts,
        type: 'bootstrap-step',
        step: {
          operation: 'finish',
          startedAt: facts.time,
          answer: {
            at: facts.time,
            coapCode: '4.06',
            coapMeaning: 'Not Acceptable',
            diagnostic: 'no \u001bserver',
          },
        },
      },
      { ...facts, type: 'bootstrap-finished' },
      { ...facts, type: 'bootstrap-failed', failure: { kind: 'no-answer', reason: 'the device is silent' } },
    ];
    assert.deepEqual(events.map(eventText), [
      '12:00:00.250  lamp  asked for a bootstrap at 192.0.2.7:9, without security\n',
      '12:00:00.250  lamp  is given a bootstrap at 192.0.2.7:9, with psk\n',
      '12:00:00.250  lamp  bootstrap: write /0/1 (tlv, 70 bytes): 2.04\n',
      '12:00:00.250  lamp  bootstrap: finish: 4.06 Not Acceptable (no \\u{1b}server)\n',
      '12:00:00.250  lamp  bootstrap finished\n',
      '12:00:00.250  lamp  bootstrap failed: the device is silent\n',
    ]);
    for (const event of events) assert.ok(Value.Check(ServerEventSchema, event), event.type);
  });
});
