// Commands against a running server start without what only servers and devices need: each command waits for that.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { dunlin, run } from '../support/program.ts';

/** Says at the end which packages of ours were loaded. */
const hook = `
import { registerHooks } from 'node:module';
const loaded = new Set();
registerHooks({
  load(url, context, next) {
    loaded.add(/\\/packages\\/([^/]+)\\/src\\//.exec(url)?.[1]);
    return next(url, context);
  },
});
process.on('exit', () => console.error([...loaded].join(' ')));
`;

describe('a command', () => {
  it('loads no role, no transport and no store before it is known that it needs one', async () => {
    const [node = '', ...args] = dunlin('--version');
    const module = `data:text/javascript,${encodeURIComponent(hook)}`;
    const { exitCode, stderr } = await run([node, '--import', module, ...args]);
    assert.equal(exitCode, 0, stderr);
    const loaded = stderr.trim().split(' ');
    assert.ok(loaded.includes('api'), stderr);
    for (const heavy of ['server', 'client', 'bootstrap', 'node', 'dtls', 'sms'])
      assert.ok(!loaded.includes(heavy), `${heavy} is loaded: ${stderr}`);
  });
});
