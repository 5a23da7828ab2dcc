import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { TransmissionError } from '@dunlin/base';
import { serialPort } from '@dunlin/node';

import { ScratchFolder } from '../support/scratch-folder.ts';

describe('a serial port', () => {
  it('that is not there is told by its path', async () => {
    const open = serialPort({ path: '/dev/dunlin-no-such-port' });
    await assert.rejects(open(new AbortController().signal), (error: unknown) => {
      assert.ok(error instanceof TransmissionError);
      assert.match(error.message, /\/dev\/dunlin-no-such-port: there is no such device/);
      return true;
    });
  });

  it('is a terminal: a file is refused', async () => {
    using scratch = new ScratchFolder();
    const path = join(scratch.path, 'file');
    writeFileSync(path, 'AT');
    await assert.rejects(serialPort({ path })(new AbortController().signal), /it is no serial port/);
  });
});
