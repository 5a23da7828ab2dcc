import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { DeadlineQueue, instantFrom, type Scheduled } from '@dunlin/base';
import fc from 'fast-check';

interface Item extends Scheduled {
  readonly name: number;
}

const item = (name: number): Item => ({ name, dueAt: undefined, heapIndex: 0 });

describe('a queue of deadlines', () => {
  it('gives what is due, the earliest first, and nothing that is not', () => {
    const queue = new DeadlineQueue<Item>();
    for (const [name, at] of [
      [1, 30],
      [2, 10],
      [3, 20],
    ] as const)
      queue.schedule(item(name), instantFrom(at));
    assert.equal(queue.deadline, 10);
    assert.equal(queue.takeDue(instantFrom(9)), undefined);
    assert.equal(queue.takeDue(instantFrom(25))?.name, 2);
    assert.equal(queue.takeDue(instantFrom(25))?.name, 3);
    assert.equal(queue.takeDue(instantFrom(25)), undefined);
    assert.equal(queue.size, 1);
  });

  it('agrees with a sorted list after any sequence of scheduling, moving and cancelling', () => {
    const command = fc.record({
      name: fc.nat(20),
      at: fc.option(fc.nat(100), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        const queue = new DeadlineQueue<Item>();
        const items = Array.from({ length: 21 }, (_, name) => item(name));
        const expected = new Map<number, number>();
        for (const { name, at } of commands) {
          const chosen = items[name] ?? item(name);
          if (at === undefined) {
            queue.cancel(chosen);
            expected.delete(name);
          } else {
            queue.schedule(chosen, instantFrom(at));
            expected.set(name, at);
          }
          assert.equal(queue.size, expected.size);
          assert.equal(queue.deadline, expected.size === 0 ? undefined : Math.min(...expected.values()));
        }
        const order: number[] = [];
        for (
          let next = queue.takeDue(instantFrom(100));
          next !== undefined;
          next = queue.takeDue(instantFrom(100))
        ) {
          order.push(expected.get(next.name) ?? -1);
        }
        assert.deepEqual(
          order,
          [...expected.values()].toSorted((a, b) => a - b),
        );
      }),
    );
  });
});
