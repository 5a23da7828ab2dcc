import { type Instant, instantFrom, seconds } from '@dunlin/base';
import { udpPeer } from '@dunlin/coap';
import type { Registration } from '@dunlin/server';

import { deviceFilter } from '../../apps/dunlin/src/fleet/device-filter.ts';
import { FleetIndex } from '../../apps/dunlin/src/fleet/fleet-index.ts';

/** What a search of one kind costs. */
export interface SearchCost {
  readonly name: string;
  /** How many devices fit. */
  readonly total: number;
  /** Of processor time, the median of the rounds. */
  readonly milliseconds: number;
  /** To the bare loop of the same round; of the rounds the median, the least and the greatest. */
  readonly ratio: number;
  readonly range: readonly [least: number, greatest: number];
}

export interface SearchOptions {
  readonly devices: number;
  readonly rounds: number;
}

/** What everything is compared with: the least that has to be done to look for a text in so many names. */
export const bareLoop = 'bare loop over the names';

/** The most conditions and values that a filter may have, of the dearest kind. */
export const longestFilter = 'as long as may be';

const filters: Readonly<Record<string, string>> = {
  'all devices': '',
  'free text': 'lamp-77',
  'name with stars': 'endpoint:*lamp-1*99',
  'part of an address': 'address:10.0.7',
  'model, exactly': 'model="X1"',
  'firmware, compared': 'fw<2.10',
  tag: 'tag:lab',
  Object: 'has:/3303/0',
  'time since heard': 'seen<1h',
  'time since registered': 'registered>7d',
  'state, by queue mode': 'state:asleep',
  'eight conditions': 'state:online model:X1 fw>=2 seen<1h tag:lab has:/3303 -binding:UQ lamp',
  [longestFilter]: Array.from({ length: 10 }, (_, number) => `-endpoint:*1*z${number}*,*b*`).join(' '),
};

const now: Instant = instantFrom(Date.UTC(2026, 0, 1, 12));

/** Searches a fleet in memory by one kind of filter after the other, each in turn with the bare loop. */
export function measureSearches({ devices, rounds }: SearchOptions): readonly SearchCost[] {
  const { index, names } = fleetOf(devices);
  const loop = (): number => names.reduce((sum, name) => sum + Number(name.includes('lamp-77')), 0);
  const costs = Object.entries(filters).map(([name, text]) => {
    const search = (): number => {
      const filter = deviceFilter(text);
      if (filter.kind === 'problem') throw new Error(`${name}: ${filter.reason}`);
      return index.search({ filter, limit: 100 }).total;
    };
    // The compilers settle, and the order is made.
    for (let turn = 0; turn < 3; turn += 1) search();
    const samples = Array.from({ length: rounds }, () => {
      const bare = timeOf(loop);
      const milliseconds = timeOf(search);
      return { milliseconds, ratio: milliseconds / bare };
    });
    const ratios = samples.map(({ ratio }) => ratio).sort((one, other) => one - other);
    const times = samples.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
    const range = [ratios[0] ?? 0, ratios.at(-1) ?? 0] as const;
    return { name, total: search(), milliseconds: middle(times), ratio: middle(ratios), range };
  });
  const bare = Array.from({ length: rounds }, () => timeOf(loop)).sort((one, other) => one - other);
  return [{ name: bareLoop, total: loop(), milliseconds: middle(bare), ratio: 1, range: [1, 1] }, ...costs];
}

/** Ten makes, twenty versions, two tags; every other device sleeps in between. Names and addresses are all different. */
function fleetOf(devices: number): { readonly index: FleetIndex; readonly names: readonly string[] } {
  const index = new FleetIndex({
    now: () => now,
    reachabilityOf: ({ bindingMode, updatedAt }) =>
      bindingMode === 'UQ' && now - updatedAt > 93_000 ? { kind: 'asleep' } : { kind: 'always' },
  });
  const model = { rootPath: '/', contentFormats: [11_542], objects: new Map([[3303, { instances: [0] }]]) };
  const names: string[] = [];
  for (let number = 0; number < devices; number += 1) {
    // In an order that is not that of the names, as devices come.
    const name = `urn:dev:ops:32473-Lamp-${(number * 7919) % devices}`;
    names.push(name.toLowerCase());
    index.registered(registrationOf(name, number, model));
    const facts = {
      manufacturer: 'Acme',
      modelNumber: `X${number % 10}`,
      firmwareVersion: `2.${number % 20}`,
    };
    index.learned(name, facts, now);
    if (number % 100 === 0) index.setTags(name, ['lab']);
    else if (number % 7 === 0) index.setTags(name, ['field', 'north']);
  }
  return { index, names };
}

function registrationOf(
  endpointName: string,
  number: number,
  model: Pick<Registration, 'rootPath' | 'contentFormats' | 'objects'>,
): Registration {
  return {
    endpointName,
    id: String(number),
    lifetime: seconds(86_400),
    version: '1.0',
    bindingMode: number % 2 === 0 ? 'U' : 'UQ',
    peer: udpPeer(`10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`, 5683),
    localUri: 'coap://0.0.0.0:5683',
    ...model,
    additional: {},
    registeredAt: instantFrom(now - number * 100),
    updatedAt: instantFrom(now - number * 10),
    expiresAt: instantFrom(now + 86_400_000),
  };
}

/** Milliseconds of processor time, of which others on the machine take none; several times, since one is below its grain. */
function timeOf(work: () => number): number {
  const repeats = 5;
  let sink = 0;
  const started = process.cpuUsage();
  for (let repeat = 0; repeat < repeats; repeat += 1) sink += work();
  const { user, system } = process.cpuUsage(started);
  // What comes out counts, so that the compiler cannot leave the work out.
  if (!Number.isFinite(sink)) throw new Error('a search found no number of devices');
  return (user + system) / 1000 / repeats;
}

function middle(sorted: readonly number[]): number {
  return sorted[sorted.length >> 1] ?? 0;
}
