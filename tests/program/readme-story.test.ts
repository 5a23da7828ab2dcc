// The story that the README tells, line by line as it stands there: from a key to new firmware.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { DunlinServer, TemporaryFolder, testEnvironment } from '../support/dunlin-server.ts';
import { dunlin, Program, repository, run } from '../support/program.ts';
import { untilFits } from '../support/until.ts';

/** The commands of the story, without their comments. */
function storyLines(): readonly string[] {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const [, block = ''] = /## From a key to new firmware\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme) ?? [];
  const lines = block.split('\n').map((line) => line.replace(/(^|\s+)#.*$/, '').trim());
  return lines.filter((line) => line !== '');
}

describe('the story in the README', () => {
  it('goes as it is told: bootstrap, observe, read asleep, a write that waits, new firmware', async () => {
    using folder = new TemporaryFolder();
    await using server = await DunlinServer.start(join(folder.path, 'data'));
    const { coaps, bootstrapCoaps } = server.ports;
    await using stack = new AsyncDisposableStack();
    const outputs: string[] = [];
    let key = '';
    let device: Program | undefined;
    let waking: NodeJS.Timeout | undefined;
    stack.defer(() => clearInterval(waking));

    for (const line of storyLines()) {
      const there = line
        .replaceAll('ADDRESS:5684', `127.0.0.1:${coaps}`)
        .replaceAll('ADDRESS:5784', `127.0.0.1:${bootstrapCoaps}`)
        .replaceAll('KEY', key);
      const command = ['bash', '-c', there.replace(/^npx dunlin/, dunlin().join(' '))];
      const options = { cwd: folder.path, env: { ...testEnvironment, DUNLIN_URL: server.http } };
      if (/^npx dunlin (client|events)/.test(line)) {
        const program = stack.use(new Program(command, options));
        if (!line.includes('client')) continue;
        await program.waitFor(/registered/);
        device = program;
        continue;
      }
      // Whoever follows the story wakes the device at its prompt when he wants something to go on.
      if (/ firmware update | --wait$| operations /.test(line)) {
        waking ??= setInterval(() => device?.type('update'), 1000);
      }
      if (/ operations /.test(line)) await writeTaken(server);
      const { exitCode, stdout, stderr } = await run(command, { ...options, input: '' });
      assert.equal(exitCode, 0, `${line}\n${stdout}\n${stderr}`);
      outputs.push(stdout + stderr);
      key = /\b[0-9a-f]{32}\b/.exec(stdout)?.[0] ?? key;
      // Nobody types the next command within that second; the test would.
      if (line.includes(' --awake-window ')) await asleep(server);
    }

    const said = outputs.join('\n');
    assert.match(said, /meter-7.*psk.*UQ|psk[\s\S]*UQ/);
    assert.match(said, /Sensor Value\s+[\d.]+\s.*(read|notified)/);
    assert.match(said, /queued as operation 1 of meter-7/);
    assert.match(said, /1\s+write-replace\s+\/3\/0\/14.*done/);
    assert.match(outputs.at(-1) ?? '', /Firmware Version\s+2\.1/);
  });
});

/** Waits until the server counts the device as asleep. */
async function asleep(server: DunlinServer): Promise<void> {
  await untilFits(
    () => server.json<{ presence: string }>('devices', 'meter-7'),
    ({ presence }) => presence === 'asleep',
  );
}

/** Waits until the write is done. */
async function writeTaken(server: DunlinServer): Promise<void> {
  await untilFits(
    () => server.json<{ operations: readonly { state: string }[] }>('operations', 'meter-7'),
    ({ operations }) => operations.every(({ state }) => state === 'done'),
  );
}
