import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { SignalSource } from '@dunlin/base';

describe('a signal', () => {
  it('tells its listeners in the order of their subscription until they are disposed', () => {
    const source = new SignalSource<number>();
    const heard: string[] = [];
    const first = source.subscribe((fact) => heard.push(`first ${fact}`));
    source.subscribe((fact) => heard.push(`second ${fact}`));
    source.emit(1);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    source.emit(2);
    assert.deepEqual(heard, ['first 1', 'second 1', 'second 2']);
    assert.equal(source.listenerCount, 1);
  });

  it('tells all listeners although one throws, and hands the error to the owner', () => {
    const source = new SignalSource<number>();
    const heard: number[] = [];
    source.subscribe(() => {
      throw new Error('broken listener');
    });
    source.subscribe((fact) => heard.push(fact));
    assert.throws(() => source.emit(1), /broken listener/);
    assert.deepEqual(heard, [1]);
  });
});
