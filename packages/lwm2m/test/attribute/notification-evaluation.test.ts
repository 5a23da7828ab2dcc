import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type Instant, instantFrom, seconds } from '@dunlin/base';
import {
  type Content,
  evaluateNotification,
  type NotificationAttributes,
  pathOf,
  type ReportingInput,
  reportingPeriods,
  type ReportingState,
  type ResourceContents,
  startReporting,
  type Value,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

const start = 1_700_000_000_000;
const batteryLevel = pathOf(3, 0, 9);

function at(secondsAfterStart: number): Instant {
  return instantFrom(start + secondsAfterStart * 1000);
}

function single(value: Value): Content {
  return { kind: 'resource', resource: { kind: 'single', type: 'integer', value } };
}

function multiple(values: Readonly<Record<number, Value>>): Content {
  const entries = Object.entries(values).map(([id, value]) => [Number(id), value] as const);
  return { kind: 'resource', resource: { kind: 'multiple', type: 'integer', values: new Map(entries) } };
}

function resources(values: Readonly<Record<number, Value>>): ResourceContents {
  return new Map(
    Object.entries(values).map(
      ([id, value]) => [Number(id), { kind: 'single', type: 'integer', value }] as const,
    ),
  );
}

/** Attributes as numbers: `{ pmin: 10 }`. */
function attributes(
  values: Readonly<Partial<Record<keyof NotificationAttributes, number>>>,
): NotificationAttributes {
  const { pmin, pmax, ...conditions } = values;
  return {
    ...conditions,
    ...(pmin !== undefined && { pmin: seconds(pmin) }),
    ...(pmax !== undefined && { pmax: seconds(pmax) }),
  };
}

/** Whether a change from one content to the other notifies when there is no pmin. */
function notifies(before: Content, after: Content, input: Partial<ReportingInput>): boolean {
  const decision = evaluateNotification(startReporting(before, at(0)), {
    path: batteryLevel,
    attributes: {},
    ...input,
    content: after,
    now: at(1),
  });
  if (decision.kind === 'wait') assert.equal(decision.until, undefined);
  return decision.kind === 'notify';
}

const steps = (from: Value, to: Value, st: number) =>
  notifies(single(from), single(to), { attributes: { st } });
const instance = (values: Readonly<Record<number, Value>>): Content => ({
  kind: 'object-instance',
  resources: resources(values),
});
const object = (instances: Readonly<Record<number, ResourceContents>>): Content => ({
  kind: 'object',
  instances: new Map(Object.entries(instances).map(([id, contents]) => [Number(id), contents] as const)),
});

/** Feeds values at their times and wakes at every `until`; gives the seconds at which notifications go out. */
function notifiedAt(
  attributesInEffect: NotificationAttributes,
  changes: readonly (readonly [number, number])[],
  end: number,
): readonly (readonly [number, number])[] {
  let value = 0;
  let state: ReportingState = startReporting(single(value), at(0));
  let until: Instant | undefined;
  const sent: (readonly [number, number])[] = [];
  const evaluate = (now: Instant) => {
    const input = { path: batteryLevel, attributes: attributesInEffect, content: single(value), now };
    let decision = evaluateNotification(state, input);
    if (decision.kind === 'notify') {
      sent.push([(now - start) / 1000, value]);
      decision = evaluateNotification(decision.state, input);
    }
    assert.equal(decision.kind, 'wait', 'one evaluation never notifies twice');
    state = decision.state;
    until = decision.kind === 'wait' ? decision.until : undefined;
  };
  evaluate(at(0));
  for (const [time, next] of [...changes, [end, undefined] as const]) {
    for (let due = until; due !== undefined && due < at(time); due = until) evaluate(due);
    if (next !== undefined) value = next;
    evaluate(at(time));
  }
  return sent;
}

describe('Change conditions', () => {
  const examples: readonly (readonly [string, NotificationAttributes, number, number, boolean])[] = [
    ['gt=45&st=10', { gt: 45, st: 10 }, 20, 35, true],
    ['gt=45&st=10', { gt: 45, st: 10 }, 45, 50, true],
    ['gt=45&st=10', { gt: 45, st: 10 }, 50, 40, true],
    ['gt=45&st=10', { gt: 45, st: 10 }, 35, 20, true],
    ['gt=45&st=10', { gt: 45, st: 10 }, 20, 25, false],
    ['gt=45&st=10', { gt: 45, st: 10 }, 50, 46, false],
    ['lt=20&gt=85&st=10', { lt: 20, gt: 85, st: 10 }, 17, 24, true],
    ['lt=20&gt=85&st=10', { lt: 20, gt: 85, st: 10 }, 75, 90, true],
    ['lt=20&gt=85&st=10', { lt: 20, gt: 85, st: 10 }, 50, 10, true],
    ['lt=20&gt=85&st=10', { lt: 20, gt: 85, st: 10 }, 87, 99, true],
    ['lt=20&gt=85&st=10', { lt: 20, gt: 85, st: 10 }, 50, 55, false],
  ];
  for (const [query, conditions, from, to, expected] of examples) {
    it(`${expected ? 'report' : 'do not report'} ${from} to ${to} with ${query} (R-537)`, () => {
      assert.equal(notifies(single(from), single(to), { attributes: conditions }), expected);
    });
  }

  it('report any change when none is set (R-533)', () => {
    assert.ok(notifies(single(20), single(21), {}));
    assert.ok(notifies(single('a'), single('b'), {}));
    assert.ok(notifies(single(true), single(false), {}));
    assert.ok(notifies(single(Uint8Array.of(1)), single(Uint8Array.of(2)), {}));
    assert.ok(
      notifies(
        single({ objectId: 1, objectInstanceId: 2 }),
        single({ objectId: 1, objectInstanceId: 3 }),
        {},
      ),
    );
    assert.ok(!notifies(single(20), single(20), {}));
    assert.ok(!notifies(single(Uint8Array.of(1)), single(Uint8Array.of(1)), {}));
    assert.ok(
      !notifies(
        single({ objectId: 1, objectInstanceId: 2 }),
        single({ objectId: 1, objectInstanceId: 2 }),
        {},
      ),
    );
    assert.ok(!notifies(single(Number.NaN), single(Number.NaN), {}));
  });

  it('report only what meets one of them when any is set (R-533)', () => {
    assert.ok(!notifies(single(20), single(21), { attributes: { gt: 45 } }));
    assert.ok(!notifies(single(20), single(21), { attributes: { lt: 10 } }));
    assert.ok(!notifies(single(20), single(21), { attributes: { st: 10 } }));
  });

  it('report the crossing of gt and of lt in either direction, on the threshold itself being neither side (R-534)', () => {
    for (const name of ['gt', 'lt'] as const) {
      const crosses = (from: number, to: number) =>
        notifies(single(from), single(to), { attributes: { [name]: 45 } });
      assert.deepEqual(
        [crosses(44, 46), crosses(46, 44), crosses(45, 46), crosses(45, 44)],
        [true, true, true, true],
        name,
      );
      assert.deepEqual(
        [crosses(44, 45), crosses(46, 45), crosses(46, 47), crosses(43, 44)],
        [false, false, false, false],
        name,
      );
    }
  });

  it('report a step of st or more up or down from the value last sent (R-535)', () => {
    assert.ok(steps(20, 30, 10));
    assert.ok(steps(20, 10, 10));
    assert.ok(!steps(20, 29, 10));
    assert.ok(steps(0.2, 0.3, 0.1));
    assert.ok(steps(1000.2, 1000.3, 0.1));
    assert.ok(!steps(0.2, 0.29, 0.1));
    assert.ok(steps(20, 21, 0), 'a step of 0 is any change');
    assert.ok(!steps(20, 20, 0), 'and no change is none');
  });

  it('compare 64-bit integers exactly (R-131, R-534, R-535)', () => {
    const big = 2n ** 62n;
    assert.ok(notifies(single(big), single(big + 1n), { attributes: { st: 1 } }));
    assert.ok(!notifies(single(big), single(big + 1n), { attributes: { st: 2 } }));
    assert.ok(notifies(single(big), single(big + 1n), { attributes: { gt: 2 ** 62 } }));
    assert.ok(!notifies(single(big + 1n), single(big + 2n), { attributes: { gt: 2 ** 62 } }));
    assert.ok(notifies(single(5), single(-big), { attributes: { lt: 0 } }));
    assert.ok(notifies(single(Number.MAX_SAFE_INTEGER), single(2n ** 53n), { attributes: { st: 1 } }));
    assert.ok(!notifies(single(7), single(7n), {}), 'the same integer in either form is no change');
  });

  it('say nothing about values that are not numbers: any change is reported (R-539)', () => {
    assert.ok(notifies(single('a'), single('b'), { attributes: { gt: 5 } }));
  });

  it('are judged for each Resource Instance against its own last sent value (R-540)', () => {
    const conditions = { attributes: { st: 10 } };
    assert.ok(notifies(multiple({ 0: 10, 1: 100 }), multiple({ 0: 15, 1: 110 }), conditions));
    assert.ok(!notifies(multiple({ 0: 10, 1: 100 }), multiple({ 0: 15, 1: 109 }), conditions));
    assert.ok(!notifies(multiple({ 0: 10, 1: 100 }), multiple({ 1: 100, 0: 10 }), conditions));
  });

  it('do not hold back a Resource Instance that appears or goes (R-540)', () => {
    const conditions = { attributes: { st: 10 } };
    assert.ok(notifies(multiple({ 0: 10 }), multiple({ 0: 10, 1: 10 }), conditions));
    assert.ok(notifies(multiple({ 0: 10, 1: 10 }), multiple({ 0: 10 }), conditions));
    assert.ok(notifies(multiple({ 0: 10 }), multiple({ 1: 10 }), conditions));
  });
});

describe('Observation of an Object or an Object Instance', () => {
  it('reports a change of any Resource (R-502, R-523)', () => {
    const path = pathOf(3, 0);
    assert.ok(notifies(instance({ 9: 100, 13: 5 }), instance({ 9: 100, 13: 6 }), { path }));
    assert.ok(notifies(instance({ 9: 100 }), instance({ 9: 100, 13: 6 }), { path }));
    assert.ok(!notifies(instance({ 9: 100 }), instance({ 9: 100 }), { path }));
    const objectPath = { path: pathOf(3) };
    assert.ok(notifies(object({ 0: resources({ 9: 1 }) }), object({ 0: resources({ 9: 2 }) }), objectPath));
    assert.ok(notifies(object({ 0: resources({ 9: 1 }) }), object({}), objectPath));
    assert.ok(notifies(object({}), object({ 1: resources({}) }), objectPath));
    assert.ok(!notifies(object({ 0: resources({ 9: 1 }) }), object({ 0: resources({ 9: 1 }) }), objectPath));
  });

  it('has the changes of a Resource filtered by the conditions on that Resource (R-523)', () => {
    const asked: string[] = [];
    const conditionsAt: ReportingInput['conditionsAt'] = ({ objectInstanceId, resourceId }) => {
      asked.push(`${objectInstanceId}/${resourceId}`);
      return resourceId === 9 ? { st: 10 } : undefined;
    };
    const observed = { path: pathOf(3, 0), conditionsAt };
    assert.ok(!notifies(instance({ 9: 100, 13: 5 }), instance({ 9: 95, 13: 5 }), observed));
    assert.deepEqual(asked, ['0/9'], 'and only those of Resources that changed are looked up');
    assert.ok(notifies(instance({ 9: 100, 13: 5 }), instance({ 9: 90, 13: 5 }), observed));
    assert.ok(notifies(instance({ 9: 100, 13: 5 }), instance({ 9: 95, 13: 6 }), observed));
    asked.length = 0;
    const objectObserved = { path: pathOf(3), conditionsAt };
    assert.ok(
      !notifies(object({ 4: resources({ 9: 100 }) }), object({ 4: resources({ 9: 95 }) }), objectObserved),
    );
    assert.deepEqual(asked, ['4/9']);
  });
});

describe('Periods of notifications', () => {
  it('hold back a change until pmin and repeat the value at pmax: 10 s, 50 s, 110 s (R-530, R-531, R-538)', () => {
    const sent = notifiedAt(
      attributes({ pmin: 10, pmax: 60 }),
      [
        [5, 1],
        [50, 2],
      ],
      115,
    );
    assert.deepEqual(sent, [
      [10, 1],
      [50, 2],
      [110, 2],
    ]);
  });

  it('send the value that is current when pmin ends (R-530)', () => {
    assert.deepEqual(
      notifiedAt(
        attributes({ pmin: 10 }),
        [
          [2, 1],
          [4, 2],
          [6, 3],
        ],
        100,
      ),
      [[10, 3]],
    );
  });

  it('send at the end of pmin also when the value has come back by then (R-530)', () => {
    assert.deepEqual(
      notifiedAt(
        attributes({ pmin: 10 }),
        [
          [2, 1],
          [4, 0],
        ],
        100,
      ),
      [[10, 0]],
    );
    assert.deepEqual(
      notifiedAt(
        attributes({ pmin: 10, gt: 50 }),
        [
          [2, 60],
          [4, 40],
        ],
        100,
      ),
      [[10, 40]],
    );
  });

  it('remember nothing within pmin that the conditions do not report (R-533)', () => {
    assert.deepEqual(
      notifiedAt(
        attributes({ pmin: 10, gt: 50 }),
        [
          [2, 40],
          [4, 45],
        ],
        100,
      ),
      [],
    );
  });

  it('send at once when pmin has passed or is not set (R-536)', () => {
    assert.deepEqual(
      notifiedAt(
        attributes({ pmin: 10 }),
        [
          [10, 1],
          [15, 2],
          [25, 3],
        ],
        100,
      ),
      [
        [10, 1],
        [20, 2],
        [30, 3],
      ],
    );
    assert.deepEqual(
      notifiedAt(
        {},
        [
          [1, 1],
          [1, 2],
          [3, 2],
        ],
        100,
      ),
      [
        [1, 1],
        [1, 2],
      ],
    );
  });

  it('send at pmax without any change and whatever the conditions (R-531)', () => {
    assert.deepEqual(notifiedAt(attributes({ pmax: 20, gt: 50 }), [[5, 10]], 70), [
      [20, 10],
      [40, 10],
      [60, 10],
    ]);
  });

  it('send only by the timer when pmin and pmax are equal (R-531)', () => {
    assert.deepEqual(
      notifiedAt(
        attributes({ pmin: 20, pmax: 20 }),
        [
          [5, 1],
          [25, 2],
        ],
        50,
      ),
      [
        [20, 1],
        [40, 2],
      ],
    );
  });

  it('start again at every notification (R-532)', () => {
    assert.deepEqual(notifiedAt(attributes({ pmax: 20 }), [[15, 1]], 40), [
      [15, 1],
      [35, 1],
    ]);
  });

  it('ignore a pmax of 0 or below pmin (R-531, R-454)', () => {
    assert.deepEqual(notifiedAt(attributes({ pmax: 0 }), [], 1000), []);
    assert.deepEqual(notifiedAt(attributes({ pmin: 30, pmax: 10 }), [[5, 1]], 1000), [[30, 1]]);
    assert.deepEqual(reportingPeriods(attributes({ pmin: 30, pmax: 10 })), { pmin: 30, pmax: undefined });
    assert.deepEqual(reportingPeriods({}), { pmin: 0, pmax: undefined });
    assert.deepEqual(reportingPeriods(attributes({ pmin: 5, pmax: 5 })), { pmin: 5, pmax: 5 });
  });

  it('wait for nothing without a change and without pmax (R-531)', () => {
    const decision = evaluateNotification(startReporting(single(1), at(0)), {
      path: batteryLevel,
      attributes: attributes({ pmin: 10 }),
      content: single(1),
      now: at(3),
    });
    assert.ok(decision.kind === 'wait');
    assert.equal(decision.until, undefined);
  });

  it('follow attributes that change while the observation runs (R-456)', () => {
    const state = startReporting(single(1), at(0));
    const input = { path: batteryLevel, content: single(2), now: at(3) };
    const held = evaluateNotification(state, { ...input, attributes: attributes({ pmin: 10 }) });
    assert.ok(held.kind === 'wait');
    assert.equal(held.until, at(10));
    assert.equal(evaluateNotification(held.state, { ...input, attributes: {}, now: at(4) }).kind, 'notify');
    const overdue = evaluateNotification(state, {
      ...input,
      content: single(1),
      attributes: attributes({ pmax: 2 }),
    });
    assert.equal(overdue.kind, 'notify');
  });

  const scenario = fc.record({
    pmin: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
    pmax: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
    gt: fc.option(fc.integer({ min: 50, max: 100 }), { nil: undefined }),
    lt: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
    st: fc.option(fc.integer({ min: 0, max: 14 }), { nil: undefined }),
    changes: fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: -20, max: 120 })), {
      maxLength: 40,
    }),
  });

  function run({
    changes,
    ...values
  }: typeof scenario extends fc.Arbitrary<infer Scenario> ? Scenario : never) {
    const inEffect = attributes(
      Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)),
    );
    let time = 0;
    const timed = changes.map(([gap, value]) => {
      time += gap;
      return [time, value] as const;
    });
    const end = time + 200;
    return { ...reportingPeriods(inEffect), inEffect, timed, end, sent: notifiedAt(inEffect, timed, end) };
  }

  it('never let two notifications be closer than pmin, over random values and attributes (R-530)', () => {
    fc.assert(
      fc.property(scenario, (anything) => {
        const { pmin, sent } = run(anything);
        let last = 0;
        for (const [time] of sent) {
          assert.ok(time - last >= pmin, `${time} after ${last}`);
          last = time;
        }
      }),
    );
  });

  it('never let pmax pass without a notification, over random values and attributes (R-531)', () => {
    fc.assert(
      fc.property(scenario, (anything) => {
        const { pmax, sent, end } = run(anything);
        if (pmax === undefined) return;
        let last = 0;
        for (const [time] of [...sent, [end] as const]) {
          assert.ok(time - last <= pmax, `${time} after ${last}`);
          last = time;
        }
      }),
    );
  });

  it('leave the last sent value the present one in the end when any change is reported (R-530, R-536)', () => {
    fc.assert(
      fc.property(scenario, ({ gt, lt, st, ...anything }) => {
        void [gt, lt, st];
        const { timed, sent } = run({ ...anything, gt: undefined, lt: undefined, st: undefined });
        assert.equal(sent.at(-1)?.[1] ?? 0, timed.at(-1)?.[1] ?? 0);
      }),
    );
  });
});
