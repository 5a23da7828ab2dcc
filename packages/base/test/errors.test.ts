import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { DunlinError, TransmissionError, UsageError } from '@dunlin/base';

describe('an error of Dunlin', () => {
  it('carries its name, a stable code and its cause', () => {
    const cause = new Error('below');
    const error = new TransmissionError('no-answer', 'nobody answered', { cause });
    assert.equal(error.name, 'TransmissionError');
    assert.equal(error.code, 'no-answer');
    assert.equal(error.cause, cause);
  });

  it('is recognised by its mark, so that two installed copies of a package agree', () => {
    assert.ok(DunlinError.is(new UsageError('wrong')));
    assert.ok(DunlinError.is({ [Symbol.for('dunlin.error')]: true }));
    for (const other of [new Error('other'), undefined, null, 'text']) assert.ok(!DunlinError.is(other));
  });
});
