import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, utf8Decode, utf8Encode } from '@dunlin/base';
import type {
  BootstrapConfiguration,
  GivenSecurity,
  IssuedSecurity,
  IssueOutcome,
  IssueRequest,
  SecurityIssuer,
} from '@dunlin/bootstrap';
import { ResponseCode } from '@dunlin/coap';

import { valueOf } from './support/bootstrap-device.ts';
import { keyOf, patternConfiguration, pskServer } from './support/configurations.ts';
import { openTestBootstrapServer, type TestBootstrapServer } from './support/test-bootstrap-server.ts';

/** Makes pre-shared keys, and remembers what became of them. */
class TestIssuer implements SecurityIssuer {
  readonly requests: IssueRequest[] = [];
  /** Like `node-1/1 given`. */
  readonly outcomes: string[] = [];
  failsAt: number | undefined;
  #count = 0;

  issue(request: IssueRequest): IssuedSecurity {
    this.#count += 1;
    if (this.#count === this.failsAt) throw new Error('there is no room for another credential');
    this.requests.push(request);
    const identity = `${request.endpointName}/${this.#count}`;
    const security: GivenSecurity = { kind: 'psk', identity, key: keyOf(identity) };
    return {
      security,
      settle: (outcome: IssueOutcome) => void this.outcomes.push(`${identity} ${outcome}`),
    };
  }
}

const issued = { kind: 'issued', proof: 'psk' } as const;

async function open(
  issuer: TestIssuer | undefined,
  more: Partial<BootstrapConfiguration> = {},
): Promise<TestBootstrapServer> {
  const configuration = patternConfiguration('node-*', {
    servers: [pskServer(1, { security: issued })],
    allowsKeysWithoutSecurity: true,
    ...more,
  });
  return await openTestBootstrapServer([configuration], { issuer });
}

describe('Security that is issued', () => {
  test('is made for each device and each bootstrap anew, and is what the device is given', async () => {
    const issuer = new TestIssuer();
    await using bench = await open(issuer);
    for (const name of ['node-1', 'node-2', 'node-1']) {
      assert.equal((await bench.bootstrap(name)).outcome, 'finished');
    }
    assert.deepEqual(issuer.outcomes, ['node-1/1 given', 'node-2/2 given', 'node-1/3 given']);
    const written = [3, 5].map((id) => utf8Decode(valueOf(bench.device.tree.get('/0/1'), id) as Uint8Array));
    assert.deepEqual(written, ['node-1/3', 'node-1/3........']);
    assert.equal(valueOf(bench.device.tree.get('/0/1'), 2), 0);
    const [request] = issuer.requests;
    assert.deepEqual(
      [request?.endpointName, request?.proof, request?.account.shortServerId],
      ['node-1', 'psk', 1],
    );
  });

  test('is not given when the session fails before Finish', async () => {
    const issuer = new TestIssuer();
    await using bench = await open(issuer);
    bench.device.misbehaviour = ({ line }) =>
      line === 'PUT /1/0' ? { code: ResponseCode.badRequest } : undefined;
    assert.equal((await bench.bootstrap()).outcome, 'failed');
    bench.device.misbehaviour = ({ line }) =>
      line === 'POST /bs' ? { code: ResponseCode.notAcceptable } : undefined;
    assert.equal((await bench.bootstrap()).outcome, 'failed');
    assert.deepEqual(issuer.outcomes, ['node-1/1 not-given', 'node-1/2 not-given']);
  });

  test('may have been given when nobody answers Finish', async () => {
    const issuer = new TestIssuer();
    await using bench = await open(issuer);
    bench.device.misbehaviour = ({ line }) => (line === 'POST /bs' ? 'silence' : undefined);
    assert.equal((await bench.bootstrap()).failure?.kind, 'no-answer');
    assert.deepEqual(issuer.outcomes, ['node-1/1 unknown']);
  });

  test('is settled when its session is superseded, and when the server closes', async () => {
    const issuer = new TestIssuer();
    await using bench = await open(issuer);
    bench.device.misbehaviour = ({ line }) => (line.startsWith('PUT') ? 'silence' : undefined);
    await bench.device.bootstrap('node-1');
    await bench.network.run(milliseconds(5000));
    await bench.device.bootstrap('node-1');
    await bench.network.run(milliseconds(5000));
    assert.deepEqual(issuer.outcomes, ['node-1/1 not-given']);
    await bench.server.close();
    assert.deepEqual(issuer.outcomes, ['node-1/1 not-given', 'node-1/2 not-given']);
  });

  test('is made for sessions that the server begins as well', async () => {
    const issuer = new TestIssuer();
    await using bench = await open(issuer);
    await bench.bootstrap();
    await bench.server.start('node-1');
    await assert.rejects(bench.server.start('node-1'), /is under way/);
    await bench.network.run(milliseconds(5000));
    assert.deepEqual(issuer.outcomes, ['node-1/1 given', 'node-1/3 not-given', 'node-1/2 given']);
  });

  test('that cannot be made is 5.03, and whatever was made before is settled', async () => {
    const issuer = new TestIssuer();
    issuer.failsAt = 2;
    await using bench = await open(issuer, {
      servers: [pskServer(1, { security: issued }), pskServer(2, { security: issued })],
      accessControl: 'shared',
    });
    assert.equal(await bench.device.bootstrap('node-1'), '5.03');
    assert.deepEqual(issuer.outcomes, ['node-1/1 not-given']);
    assert.ok(bench.diagnostics.some(({ kind }) => kind === 'store-failed'));
    await using without = await open(undefined);
    assert.equal(await without.device.bootstrap('node-1'), '5.03');
  });

  test('is a key: it is neither made nor given without security unless the configuration says so', async () => {
    const issuer = new TestIssuer();
    await using bench = await open(issuer, { allowsKeysWithoutSecurity: false });
    const response = await bench.device.exchange({
      method: 2,
      uriPath: ['bs'],
      uriQuery: ['ep=node-1'],
      payload: utf8Encode(''),
    });
    assert.equal(response.code, ResponseCode.forbidden);
    assert.deepEqual(issuer.requests, []);
  });
});
