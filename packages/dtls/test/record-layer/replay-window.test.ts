import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { ReplayWindow, replayWindowLength } from '../../src/record-layer/replay-window.ts';

/** What the window is to do, in the plainest way. */
class Model {
  readonly #seen = new Set<number>();
  #newest = -1;

  isFresh(sequenceNumber: number): boolean {
    return sequenceNumber > this.#newest - replayWindowLength && !this.#seen.has(sequenceNumber);
  }

  isNewest(sequenceNumber: number): boolean {
    return sequenceNumber > this.#newest;
  }

  markSeen(sequenceNumber: number): void {
    this.#seen.add(sequenceNumber);
    this.#newest = Math.max(this.#newest, sequenceNumber);
  }
}

const starts = fc.constantFrom(0, 2 ** 31 - 40, 2 ** 32 - 40, 2 ** 48 - 300);

describe('the replay window (RFC 6347 §4.1.2.6)', () => {
  it('tells what was seen as a plain set would, shifts of 31 to 65 and 48-bit numbers included (checklist 9)', () => {
    const steps = fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: 299 }),
        fc.constantFrom(30, 31, 32, 33, 62, 63, 64, 65, 95, 96, 127, 128),
      ),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(starts, steps, (start, offsets) => {
        const window = new ReplayWindow();
        const model = new Model();
        for (const offset of offsets) {
          const sequenceNumber = start + offset;
          assert.equal(window.isNewest(sequenceNumber), model.isNewest(sequenceNumber));
          const isFresh = model.isFresh(sequenceNumber);
          assert.equal(window.isFresh(sequenceNumber), isFresh);
          if (!isFresh) continue;
          window.markSeen(sequenceNumber);
          model.markSeen(sequenceNumber);
        }
        for (let offset = 0; offset < 300; offset += 1) {
          assert.equal(window.isFresh(start + offset), model.isFresh(start + offset));
        }
      }),
    );
  });

  it('is cleared by a jump of 64 or more (checklist 9)', () => {
    for (const jump of [64, 65, 96, 128, 2 ** 32, 2 ** 40]) {
      const window = new ReplayWindow();
      for (let sequenceNumber = 0; sequenceNumber < 64; sequenceNumber += 1) window.markSeen(sequenceNumber);
      window.markSeen(63 + jump);
      for (let age = 1; age < 64; age += 1) assert.equal(window.isFresh(63 + jump - age), true, `${jump}`);
      assert.equal(window.isFresh(63 + jump), false);
      assert.equal(window.isFresh(63 + jump - 64), false);
    }
  });

  it('is moved right by every distance, whatever was seen before (checklist 9)', () => {
    for (let jump = 1; jump <= 70; jump += 1) {
      for (const step of [2, 3, 5, 64]) {
        const window = new ReplayWindow();
        const model = new Model();
        const seen = Array.from({ length: 64 }, (_, index) => index).filter((index) => index % step === 1);
        for (const sequenceNumber of [...seen, 63, 63 + jump]) {
          window.markSeen(sequenceNumber);
          model.markSeen(sequenceNumber);
        }
        for (let asked = 0; asked < 140; asked += 1) {
          assert.equal(window.isFresh(asked), model.isFresh(asked), `${asked} after a jump of ${jump}`);
        }
      }
    }
  });

  it('goes on from its saved state', () => {
    fc.assert(
      fc.property(starts, fc.array(fc.nat(120), { minLength: 1 }), (start, offsets) => {
        const window = new ReplayWindow();
        for (const offset of offsets) window.markSeen(start + offset);
        const restored = new ReplayWindow(window.state);
        for (let offset = 0; offset < 130; offset += 1) {
          assert.equal(restored.isFresh(start + offset), window.isFresh(start + offset));
        }
      }),
    );
  });
});
