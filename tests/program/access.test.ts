// Who may use a server, as programs and browsers find it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { DunlinServer, TemporaryFolder, testAdministrator } from '../support/dunlin-server.ts';
import { dunlin, run } from '../support/program.ts';

async function signIn(server: DunlinServer, name: string, password: string): Promise<Response> {
  return fetch(`${server.http}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  });
}

describe('access to a server', () => {
  it('has an administrator from the first start on, whose password is printed once', async () => {
    using folder = new TemporaryFolder();
    const env = { DUNLIN_ADMIN_PASSWORD: '', DUNLIN_API_TOKEN: '' };
    await using first = await DunlinServer.start(folder.path, {}, dunlin('server'), env);
    const [, password = ''] = await first.program.waitFor(/Sign in as admin with the password (\S+)/);
    assert.equal((await signIn(first, 'admin', password)).status, 200);
    assert.doesNotMatch(first.program.stderr, new RegExp(password), 'the log does not have it');
    const { stdout } = await first.program.stop();
    assert.equal(stdout.split(password).length, 2);
    for (const entry of readdirSync(folder.path, { withFileTypes: true })) {
      if (!entry.isFile()) continue;
      assert.ok(!readFileSync(join(folder.path, entry.name)).includes(password), entry.name);
    }
    await using second = await DunlinServer.start(folder.path, {}, dunlin('server'), env);
    assert.equal((await signIn(second, 'admin', password)).status, 200);
    assert.doesNotMatch(second.program.stdout, /password/);
  });

  it('follows DUNLIN_ADMIN_PASSWORD when it changes, and ends the sessions of before', async () => {
    using folder = new TemporaryFolder();
    await using first = await DunlinServer.start(folder.path);
    const signedIn = await signIn(first, testAdministrator.name, testAdministrator.password);
    assert.equal(signedIn.status, 200);
    const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';');
    await first.program.stop();
    const env = { DUNLIN_ADMIN_PASSWORD: 'another password of the tests' };
    await using second = await DunlinServer.start(folder.path, first.ports, dunlin('server'), env);
    assert.equal((await signIn(second, 'admin', testAdministrator.password)).status, 401);
    assert.equal((await signIn(second, 'admin', env.DUNLIN_ADMIN_PASSWORD)).status, 200);
    const known = await fetch(`${second.http}/api/v1/session`, { headers: { cookie } });
    assert.equal(known.status, 401);
  });

  it('is given to commands by the token in the data folder, which only its owner can read', async () => {
    using folder = new TemporaryFolder();
    await using server = await DunlinServer.start(folder.path);
    const path = join(folder.path, 'local-token.json');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const without = { DUNLIN_API_TOKEN: '', DUNLIN_URL: server.http };
    const found = await run(dunlin('devices'), { env: { ...without, DUNLIN_DATA: folder.path } });
    assert.equal(found.exitCode, 0, found.stderr);
    using elsewhere = new TemporaryFolder();
    const refused = await run(dunlin('devices'), { env: { ...without, DUNLIN_DATA: elsewhere.path } });
    assert.equal(refused.exitCode, 7);
    assert.match(refused.stderr, /^dunlin: .*DUNLIN_API_TOKEN/);
    const before = readFileSync(path, 'utf8');
    await server.program.stop();
    await using again = await DunlinServer.start(folder.path, server.ports);
    assert.equal(readFileSync(path, 'utf8'), before, 'commands that run meanwhile go on');
    assert.ok(again.http.startsWith('http://'));
  });

  it('is not opened by secrets that could be guessed', async () => {
    using folder = new TemporaryFolder();
    for (const [name, value] of [
      ['DUNLIN_API_TOKEN', 'too-short'],
      ['DUNLIN_ADMIN_PASSWORD', 'short'],
    ] as const) {
      const args = ['--coap', '127.0.0.1:0', '--http', '127.0.0.1:0', '--data', folder.path];
      const { exitCode, stderr } = await run(dunlin('server', ...args), { env: { [name]: value } });
      assert.equal(exitCode, 2);
      assert.match(stderr, new RegExp(`^dunlin: ${name} must have`));
      assert.doesNotMatch(stderr, new RegExp(value));
    }
  });
});
