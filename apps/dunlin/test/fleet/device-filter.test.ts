import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom, seconds } from '@dunlin/base';
import fc from 'fast-check';

import { deviceFilter } from '../../src/fleet/device-filter.ts';
import { FleetIndex } from '../../src/fleet/fleet-index.ts';
import { compareVersions } from '../../src/fleet/version-order.ts';
import { noon, registration } from '../support/fake-server.ts';

const hour = 3_600_000;

/** Four devices: two lamps, a meter that sleeps, and a pump that has left. */
function fleet(): FleetIndex {
  const index = new FleetIndex({
    now: () => instantFrom(noon + 2 * hour),
    reachabilityOf: ({ bindingMode }) => ({ kind: bindingMode === 'UQ' ? 'asleep' : 'always' }),
  });
  const at = (hours: number) => instantFrom(noon + hours * hour);
  index.registered(registration('lamp-1', { updatedAt: at(1.9), expiresAt: at(2.1) }));
  index.registered(registration('Lamp-2', { lifetime: seconds(86_400), expiresAt: at(30) }));
  index.registered(registration('meter', { bindingMode: 'UQ', objects: new Map([[3, { instances: [0] }]]) }));
  const pump = registration('pump');
  index.registered(pump);
  index.ended(pump, '');
  index.learned('lamp-1', { manufacturer: 'Acme', modelNumber: 'X1', firmwareVersion: '2.9' }, noon);
  index.learned('Lamp-2', { manufacturer: 'Acme', modelNumber: 'X10 "pro"', firmwareVersion: '2.10' }, noon);
  index.setTags('lamp-1', ['lab', 'roof']);
  index.queued('meter', 2);
  return index;
}

function found(filter: string): readonly string[] {
  const parsed = deviceFilter(filter);
  assert.equal(parsed.kind, 'filter', filter);
  if (parsed.kind !== 'filter') return [];
  return fleet()
    .search({ filter: parsed, limit: 100 })
    .entries.map(({ endpointName }) => endpointName);
}

const everyRegistered = ['Lamp-2', 'lamp-1', 'meter'];

describe('a filter of devices', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    '': everyRegistered,
    'state:online': ['Lamp-2', 'lamp-1'],
    'state:asleep': ['meter'],
    'state:lapsed': ['pump'],
    'state:asleep,offline': ['meter', 'pump'],
    'state:any': ['Lamp-2', 'lamp-1', 'meter', 'pump'],
    '-state:asleep': ['Lamp-2', 'lamp-1', 'pump'],
    lamp: ['Lamp-2', 'lamp-1'],
    'LAMP 2': ['Lamp-2'],
    acme: ['Lamp-2', 'lamp-1'],
    '"x10 \\"pro\\""': ['Lamp-2'],
    'endpoint:lamp*1': ['lamp-1'],
    'endpoint:*': everyRegistered,
    'endpoint:amp': ['Lamp-2', 'lamp-1'],
    'endpoint=lamp-1': ['lamp-1'],
    'endpoint=lamp': [],
    'endpoint:"*"': [],
    'ep:meter': ['meter'],
    'model:x1': ['Lamp-2', 'lamp-1'],
    'model="X1"': ['lamp-1'],
    'manufacturer:acme -model=X1': ['Lamp-2'],
    'fw<2.10': ['lamp-1'],
    'fw>=2.9': ['Lamp-2', 'lamp-1'],
    'fw:2.1*': ['Lamp-2'],
    'fw=2.9': ['lamp-1'],
    'tag:lab': ['lamp-1'],
    'tag:LAB tag:roof': ['lamp-1'],
    'tag:none,roof': ['lamp-1'],
    '-tag:*': ['Lamp-2', 'meter'],
    'has:/3303': ['Lamp-2', 'lamp-1'],
    'has:3303/1': ['Lamp-2', 'lamp-1'],
    'has:/3303/7': [],
    '-has:/3303': ['meter'],
    'binding:uq': ['meter'],
    'security:none': everyRegistered,
    'security:psk': [],
    'address:192.0.2.*': everyRegistered,
    'seen<1h': ['lamp-1'],
    'seen>1h': ['Lamp-2', 'meter'],
    'registered>1.5h': everyRegistered,
    'registered<2026-01-01': [],
    'registered>=2026-01-01': everyRegistered,
    'expires<10m expires>0s': ['lamp-1'],
    'lifetime>3600': ['Lamp-2'],
    'queued>0': ['meter'],
    'urn:dev:1': [],
  };
  for (const [filter, names] of Object.entries(cases))
    it(`${JSON.stringify(filter)} fits ${names.join(', ') || 'none'}`, () =>
      assert.deepEqual(found(filter), names));

  const problems: Readonly<Record<string, readonly [position: number, reason: RegExp]>> = {
    'lamp colour:red': [6, /"colour" is nothing to filter by/],
    'stat:online': [1, /did you mean state\?/],
    'state:onlin': [7, /a state is .*did you mean online\?/],
    'tag:': [5, /a value is missing at the end/],
    'tag:a, b': [7, /a value is missing before " "/],
    'lamp "open': [6, /the quotation mark is not closed/],
    'has:/x': [5, /has: takes the path of an Object/],
    'has:/3/0/0': [5, /has: takes the path/],
    'seen<soon': [6, /a time is a duration/],
    'seen<1y': [6, /a time is a duration/],
    'seen<1h,2h': [9, /seen takes one value/],
    'lifetime>long': [10, /lifetime takes a number/],
    'tag<lab': [1, /tag cannot be compared with </],
    'fw<1,2': [1, /takes one value/],
    ',': [1, /a value is missing/],
  };
  for (const [filter, [position, reason]] of Object.entries(problems))
    it(`${JSON.stringify(filter)} is wrong at character ${position}`, () => {
      const problem = deviceFilter(filter);
      assert.equal(problem.kind, 'problem');
      if (problem.kind !== 'problem') return;
      assert.equal(problem.position, position);
      assert.match(problem.reason, reason);
    });

  it('has a length, a number of conditions and of values at most', () => {
    assert.equal(deviceFilter('a'.repeat(1000)).kind, 'filter');
    assert.equal(deviceFilter('a'.repeat(1001)).kind, 'problem');
    assert.equal(deviceFilter('a '.repeat(12)).kind, 'filter');
    assert.equal(deviceFilter('a '.repeat(13)).kind, 'problem');
    const tags = (count: number): string => `tag:${Array.from({ length: count }, () => 'a').join(',')}`;
    assert.equal(deviceFilter(`lamp ${tags(19)}`).kind, 'filter');
    assert.deepEqual(deviceFilter(`lamp ${tags(20)}`), {
      kind: 'problem',
      position: 6,
      reason: 'the conditions of a filter have at most 20 values together',
    });
  });

  it('is understood or refused at a place within it, whatever is typed', () => {
    const index = fleet();
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const filter = deviceFilter(text);
        if (filter.kind === 'filter') index.search({ filter, limit: 10 });
        else assert.ok(filter.position >= 1 && filter.position <= text.length + 1);
      }),
    );
  });
});

describe('versions of firmware', () => {
  it('are compared by numbers where there are numbers', () => {
    const ascending = [
      '1',
      '1.0',
      '1.2',
      '1.9',
      '1.10',
      '2.0-beta',
      '2.0-rc1',
      '2.0-rc2',
      '2.0',
      '2.0.1',
      '10',
    ];
    for (const [index, version] of ascending.entries())
      for (const [other, than] of ascending.entries())
        assert.equal(
          Math.sign(compareVersions(version, than)),
          Math.sign(index - other),
          `${version} ${than}`,
        );
  });

  it('may begin with a v and have leading zeros', () => {
    assert.equal(compareVersions('v2.01', '2.1'), 0);
    assert.equal(Math.sign(compareVersions('20260102', '20260201')), -1);
  });
});
