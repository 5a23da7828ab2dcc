// Every TypeScript example in the README of a package runs as it stands.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { DunlinServer, TemporaryFolder, testEnvironment } from '../support/dunlin-server.ts';
import { type Program, repository, run } from '../support/program.ts';

const readmes = globSync('packages/*/README.md', { cwd: repository }).toSorted();

/** Where examples look for a server: that of `npm start`. */
const exampleUrl = 'http://127.0.0.1:8080';

describe('the README of a package', () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;
  let device: Program;

  before(async () => {
    server = await DunlinServer.start(folder.path);
    device = await server.device('dunlin-demo');
  });

  after(async () => {
    await device?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('is there for every package', () => {
    const packages = globSync('packages/*/package.json', { cwd: repository });
    assert.deepEqual(readmes.map(dirname), packages.map(dirname).toSorted());
  });

  for (const readme of readmes) {
    it(`has an example that runs: ${readme}`, async () => {
      const examples = [...readFileSync(join(repository, readme), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)];
      assert.ok(examples.length > 0, `${readme} has no example`);
      for (const [, example = ''] of examples) {
        const { exitCode, stderr } = await run(
          [
            process.execPath,
            '--conditions=dunlin:source',
            '--input-type=module-typescript',
            '--eval',
            example.replaceAll(exampleUrl, server.http),
          ],
          { cwd: repository, env: testEnvironment },
        );
        assert.equal(exitCode, 0, `${stderr}\n${example}`);
      }
    });
  }
});
