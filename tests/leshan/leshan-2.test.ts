// Leshan 2, which is of LwM2M 1.1: a client of 1.0 at its server, which takes those, and its client at a server of 1.0.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { udp } from '@dunlin/node';
import { LwM2mServer } from '@dunlin/server';

import { dunlin, Program } from '../support/program.ts';
import { LeshanProgram, skip2 } from './support/leshan-program.ts';

describe('Leshan 2', { skip: skip2 }, () => {
  it('has dunlin client as a device of 1.0, and is told of what 1.0 has not (1.0 §8.3)', async () => {
    await using server = new LeshanProgram('Server', {}, 2);
    const [port] = await server.ports();
    await using device = new Program(
      dunlin('client', '--server', `coap://127.0.0.1:${port}`, '--endpoint', 'ours'),
    );
    await server.told(/^registered ours$/);
    const ask = (name: string, ...words: readonly string[]): Promise<string> =>
      server.ask(name, 'ours', ...words);
    assert.equal(await ask('version'), '1.0');
    for (const format of ['TLV', 'JSON', 'TEXT'])
      assert.equal(await ask('read', '/3/0/0', format), '2.05 Dunlin');
    assert.match(await ask('read', '/3'), /^2\.05 .*value=dunlin client/);
    assert.match(await ask('discover', '/3'), /^2\.05 \[<\/3>, <\/3\/0>, <\/3\/0\/0>/);
    assert.equal(await ask('replace', '/3/0/14', '+02:00'), '2.04');
    assert.equal(await ask('observe', '/3/0/14'), '2.05 +02:00');
    assert.equal(await ask('replace', '/3/0/14', '+03:00'), '2.04');
    await server.told(/^notified ours \/3\/0\/14 \+03:00$/);
    assert.equal(await ask('execute', '/1/0/8'), '2.04');
    await server.told(/^updated ours$/);

    assert.match(await ask('read', '/3/0/0', 'SENML_JSON'), /^4\.06 /);
    assert.match(await ask('read-composite', '/3/0/0', '/1/0/1'), /^4\.05/);
    device.type('quit');
    await server.told(/^deregistered ours$/);
  });

  it('is refused as a client of 1.1, with the code and the version that is supported (R-312)', async () => {
    await using server = await LwM2mServer.open({ listen: [udp({ port: 0, address: '127.0.0.1' })] });
    const settings = { endpoint: 'newer', server: server.local[0]?.uri ?? '' };
    await using device = new LeshanProgram('Client', settings, 2);
    await device.told(
      /^registration refused PRECONDITION_FAILED\S* LwM2M 1\.1 is not supported here, 1\.0 is$/,
    );
    assert.deepEqual((await server.registrations()).registrations, []);
  });
});
