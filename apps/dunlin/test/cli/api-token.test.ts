import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { runProgram } from '../../src/program/run-program.ts';
import { type TestAnswer, testContext } from '../support/test-context.ts';

const token = 'dunlin_0123456789012345678901234567890123456789012';
const file = (url: string): string => JSON.stringify({ url, token });

async function sentTo(
  server: string,
  options: Parameters<typeof testContext>[1],
  answer: TestAnswer = { json: { devices: [], next: null } },
) {
  const context = testContext(() => answer, options);
  const exitCode = await runProgram(['devices', '--server', server], context);
  return { authorization: context.requests[0]?.headers['authorization'], exitCode, err: context.err() };
}

describe('the token of a command', () => {
  it('is that of the environment', async () => {
    const { authorization } = await sentTo('https://lwm2m.example', {
      env: { DUNLIN_API_TOKEN: 'from-env' },
    });
    assert.equal(authorization, 'Bearer from-env');
  });

  it('is the one that a server on this machine left in its data folder', async () => {
    const files = { './dunlin-data/local-token.json': file('http://127.0.0.1:8080') };
    assert.equal((await sentTo('http://127.0.0.1:8080', { files })).authorization, `Bearer ${token}`);
    assert.equal((await sentTo('http://localhost:8080', { files })).authorization, `Bearer ${token}`);
    const elsewhere = { '/var/lib/dunlin/local-token.json': file('http://127.0.0.1:8080') };
    const env = { DUNLIN_DATA: '/var/lib/dunlin' };
    const found = await sentTo('http://127.0.0.1:8080', { files: elsewhere, env });
    assert.equal(found.authorization, `Bearer ${token}`);
  });

  it('is looked for where dunlin.toml has the data, and DUNLIN_DATA before it', async () => {
    const files = {
      'dunlin.toml': 'data = "/srv/dunlin"',
      '/srv/dunlin/local-token.json': file('http://127.0.0.1:8080'),
    };
    assert.equal((await sentTo('http://127.0.0.1:8080', { files })).authorization, `Bearer ${token}`);
    const elsewhere = await sentTo('http://127.0.0.1:8080', { files, env: { DUNLIN_DATA: '/other' } });
    assert.equal(elsewhere.authorization, undefined);
    const broken = await sentTo('http://127.0.0.1:8080', { files: { 'dunlin.toml': 'data = ' } });
    assert.equal(broken.exitCode, 2);
    assert.match(broken.err, /^dunlin: dunlin\.toml:1:/);
  });

  it('goes to no server but the one that left it', async () => {
    const files = { './dunlin-data/local-token.json': file('http://127.0.0.1:8080') };
    for (const server of ['http://127.0.0.1:8081', 'https://127.0.0.1:8080', 'http://evil.example:8080']) {
      assert.equal((await sentTo(server, { files })).authorization, undefined, server);
    }
  });

  it('is none when the file is damaged', async () => {
    for (const text of ['', '{', '[]', 'null', '{"url":1,"token":2}', file('nonsense')]) {
      const files = { './dunlin-data/local-token.json': text };
      assert.equal((await sentTo('http://127.0.0.1:8080', { files })).authorization, undefined, text);
    }
  });

  it('that is missing or too weak ends a command with 7 and what to do', async () => {
    const refused = (status: number, error: string) => ({ status, json: { error, message: 'no' } });
    const missing = await sentTo('http://127.0.0.1:8080', {}, refused(401, 'unauthenticated'));
    assert.equal(missing.exitCode, 7);
    assert.match(missing.err, /^dunlin: no; set DUNLIN_API_TOKEN .*DUNLIN_DATA.*\n$/);
    const weak = await sentTo('http://127.0.0.1:8080', {}, refused(403, 'forbidden'));
    assert.equal(weak.exitCode, 7);
    assert.match(weak.err, /^dunlin: no; set DUNLIN_API_TOKEN to a token with that role\n$/);
  });
});
