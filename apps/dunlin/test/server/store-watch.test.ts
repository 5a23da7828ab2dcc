import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { StorageError } from '@dunlin/base';

import { ServerMetrics } from '../../src/server/server-metrics.ts';
import { StoreWatch } from '../../src/server/store-watch.ts';

class Bench {
  time = 0;
  free = 1e9;
  probes = 0;
  broken: string | undefined;
  readonly lines: (readonly [level: string, facts: unknown, text: string])[] = [];
  readonly watch: StoreWatch = new StoreWatch({
    free: () => Promise.resolve(this.free),
    clock: () => this.time,
    log: {
      error: (facts: unknown, text?: string) => this.lines.push(['error', facts, text ?? '']),
      info: (facts: unknown, text?: string) => this.lines.push(['info', facts, text ?? '']),
    },
  });

  constructor() {
    for (const name of ['a.sqlite', 'b.sqlite']) this.watch.add(name, { probe: () => this.#probe(name) });
  }

  /** What is found when what was found before does not hold any more. */
  look(): Promise<readonly string[]> {
    this.time += 60_000;
    return this.watch.failing();
  }

  #probe(name: string): Promise<void> {
    this.probes += 1;
    return this.broken === name ? Promise.reject(new StorageError('it is full')) : Promise.resolve();
  }
}

const told = 'stores cannot be written: what has to be kept there is refused until they can';

describe('the watch over the stores', () => {
  it('finds those that take no changes, and tells the log when that begins and ends', async () => {
    const bench = new Bench();
    assert.deepEqual(await bench.look(), []);
    bench.broken = 'b.sqlite';
    assert.deepEqual(await bench.look(), ['b.sqlite']);
    assert.deepEqual(await bench.look(), ['b.sqlite']);
    bench.broken = undefined;
    assert.deepEqual(await bench.look(), []);
    assert.deepEqual(bench.lines, [
      ['error', { stores: { 'b.sqlite': 'it is full' } }, told],
      ['info', { stores: ['b.sqlite'] }, 'stores can be written again'],
    ]);
  });

  it('tells of a disk that is as good as full before a database says so', async () => {
    const bench = new Bench();
    bench.free = 1000;
    assert.deepEqual(await bench.look(), ['a.sqlite', 'b.sqlite']);
    assert.deepEqual(bench.lines[0]?.[1], {
      stores: {
        'a.sqlite': 'the disk has only 1000 bytes left',
        'b.sqlite': 'the disk has only 1000 bytes left',
      },
    });
  });

  it('writes nothing for those who ask again and again, or at once', async () => {
    const bench = new Bench();
    await Promise.all([bench.look(), bench.watch.failing()]);
    bench.time += 1000;
    await bench.watch.failing();
    assert.equal(bench.probes, 2);
    bench.time += 1000;
    await bench.watch.failing();
    assert.equal(bench.probes, 4);
  });

  it('has a metric of each store', async () => {
    const bench = new Bench();
    const metrics = new ServerMetrics();
    metrics.watchStores(bench.watch);
    bench.broken = 'a.sqlite';
    await bench.look();
    const text = await metrics.metrics();
    assert.match(text, /^dunlin_store_writable\{store="a\.sqlite"\} 0$/m);
    assert.match(text, /^dunlin_store_writable\{store="b\.sqlite"\} 1$/m);
  });

  it('says nothing of stores that are closed as the server ends', async () => {
    const bench = new Bench();
    bench.broken = 'a.sqlite';
    const looking = bench.look();
    bench.watch[Symbol.dispose]();
    await looking;
    assert.deepEqual(bench.lines, []);
  });
});
