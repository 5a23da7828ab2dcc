import { cpus } from 'node:os';

import type { CodecRate } from './codec.ts';
import type { Figure } from './figures.ts';
import type { MemoryUse } from './memory.ts';
import type { Rate } from './rates.ts';
import type { SearchCost } from './search.ts';

export interface Measurements {
  readonly isPinned: boolean;
  readonly codec: readonly CodecRate[];
  readonly rates: readonly Rate[];
  readonly memory: readonly MemoryUse[];
  readonly search: readonly SearchCost[];
  readonly figures: readonly Figure[];
}

/** Prints tables for people, or one JSON document. */
export function report(measurements: Measurements, asJson: boolean): void {
  if (asJson) {
    const machine = { node: process.version, processors: cpus().length };
    console.log(JSON.stringify({ ...machine, ...measurements }, undefined, 2));
    return;
  }
  const { isPinned, codec, rates, memory, search, figures } = measurements;
  const pinned = isPinned ? '; servers pinned to the first, the generator to the second' : '';
  console.log(`Node.js ${process.version}, ${cpus().length} processors${pinned}`);
  if (codec.length > 0) reportCodec(codec);
  if (rates.length > 0) reportRates(rates, figures);
  if (memory.length > 0) reportMemory(memory, figures);
  if (search.length > 0) reportSearch(search, figures);
}

function reportCodec(codec: readonly CodecRate[]): void {
  const columns = [head('decoded'), head('and read'), head('encoded')];
  console.log(`\n${'Codec, messages a second'.padEnd(26)} ${columns.join(' ')}`);
  for (const { name, decodesPerSecond, readingsPerSecond, encodesPerSecond } of codec) {
    const cells = [whole(decodesPerSecond), whole(readingsPerSecond), whole(encodesPerSecond)];
    console.log(`  ${name.padEnd(24)} ${cells.join(' ')}`);
  }
}

function reportRates(rates: readonly Rate[], figures: readonly Figure[]): void {
  const columns = [head('per second'), head('µs of CPU'), head('ratio'), head('in rounds', 15), 'budget'];
  console.log(`\n${'Through UDP'.padEnd(30)} ${columns.join(' ')}`);
  for (const { name, perSecond, cpuMicroseconds, ratio, range, baseline } of rates) {
    const digits = ratio < 0.1 ? 4 : 2;
    const [least, greatest] = range.map((bound) => bound.toFixed(digits));
    const cells = [
      whole(perSecond),
      head(cpuMicroseconds.toFixed(1)),
      head(ratio.toFixed(digits)),
      head(`${least}–${greatest}`, 15),
      verdict(name, figures),
    ];
    const to = baseline.startsWith('dgram') ? '' : ` (to ${baseline})`;
    console.log(`  ${name.padEnd(28)} ${cells.join(' ')}${to}`);
  }
}

function reportMemory(memory: readonly MemoryUse[], figures: readonly Figure[]): void {
  console.log(`\n${'Bytes for each'.padEnd(26)} ${head('of')} ${head('objects')} ${head('resident')} budget`);
  for (const { name, count, objectBytes, residentBytes } of memory) {
    const cells = [whole(count), whole(objectBytes), whole(residentBytes), verdict(name, figures)];
    console.log(`  ${name.padEnd(24)} ${cells.join(' ')}`);
  }
}

function reportSearch(search: readonly SearchCost[], figures: readonly Figure[]): void {
  const columns = [head('found'), head('ms of CPU'), head('ratio'), head('in rounds', 15), 'budget'];
  console.log(`\n${'Search of devices'.padEnd(26)} ${columns.join(' ')}`);
  for (const { name, total, milliseconds, ratio, range } of search) {
    const [least, greatest] = range.map((bound) => bound.toFixed(1));
    const cells = [
      whole(total),
      head(milliseconds.toFixed(1)),
      head(ratio.toFixed(1)),
      head(`${least}–${greatest}`, 15),
      verdict(name, figures),
    ];
    console.log(`  ${name.padEnd(24)} ${cells.join(' ')}`);
  }
}

function verdict(name: string, figures: readonly Figure[]): string {
  const figure = figures.find((candidate) => candidate.name === name);
  if (figure === undefined) return '';
  const { budget, isReached } = figure;
  return `${boundOf(budget)} ${isReached ? 'reached' : 'MISSED'}`;
}

function boundOf(budget: Figure['budget']): string {
  switch (budget.kind) {
    case 'at-least':
      return `≥ ${budget.ratio}`;
    case 'at-most':
      return `≤ ${budget.bytes}`;
    case 'at-most-ratio':
      return `≤ ${budget.ratio}`;
  }
}

function whole(value: number): string {
  return head(Math.round(value).toLocaleString('en'));
}

function head(text: string, width = 12): string {
  return text.padStart(width);
}
