// The enabler tests for Servers, run against our own over UDP and over DTLS, on virtual time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type Instant, milliseconds, Secret, seconds, seededRandom, utf8Encode } from '@dunlin/base';
import { type Binding, ResponseCode } from '@dunlin/coap';
import { isMalformed, pskCredential } from '@dunlin/dtls';
import { parsePath, type Path, pathOf } from '@dunlin/lwm2m';
import { dtls, dtlsClient, type RecordCarrier } from '@dunlin/node';
import { LwM2mServer } from '@dunlin/server';
import { SimulatedNetwork } from '@dunlin/simulation';

import { serverCases } from '../server-cases/server-cases.ts';
import { runCases } from '../support/conformance-case.ts';
import { reportLine, summaryLine } from '../support/report.ts';
import { type Operator, ServerUnderTest } from '../support/server-under-test.ts';
import { virtualPace } from './virtual-pace.ts';

const key = utf8Encode('conformance test');

function carrier(network: SimulatedNetwork, binding: Binding, seed: number): RecordCarrier {
  return { binding, random: seededRandom(seed), now: (): Instant => network.clock.now };
}

/** Whoever sits at our server. */
function operatorOf(server: LwM2mServer): Operator {
  return async (endpointName, operation) => {
    const device = server.device(endpointName);
    const path: Path | undefined = parsePath(operation.path);
    assert.ok(path !== undefined && path.kind !== 'root');
    switch (operation.name) {
      case 'read':
        await device.readContent(path);
        break;
      case 'discover':
        await device.discover(path);
        break;
      case 'observe':
        await device.observe(operation.path).started();
        break;
      case 'execute':
        assert.ok(path.kind === 'resource');
        await device.execute(path);
        break;
      case 'delete':
        assert.ok(path.kind === 'object-instance');
        await device.delete(path);
        break;
      case 'write':
        assert.ok(path.kind === 'resource');
        await device.write(path, path.objectId === 1 ? Number(operation.value) : operation.value);
        break;
      case 'create':
        await device.create(pathOf(3303), { 5700: 21.5 });
        break;
      case 'attributes':
        await device.writeAttributes(path, { pmin: seconds(10) });
        break;
    }
  };
}

for (const isSecure of [false, true]) {
  describe(`the enabler tests for servers, over ${isSecure ? 'DTLS' : 'UDP'}`, () => {
    it('are passed by our server', async () => {
      const network = new SimulatedNetwork(1);
      const above = network.binding('10.0.0.1', 5683);
      const server = await LwM2mServer.open({
        listen: [
          isSecure
            ? dtls({
                port: 0,
                carrier: carrier(network, above, 1),
                credentials: {
                  pskFor: () => Promise.resolve({ credentialId: 'id', key: new Secret(key.slice()) }),
                  trusts: () => Promise.resolve(undefined),
                },
              })
            : above,
        ],
        ...(isSecure && {
          authorizer: {
            authorize: ({ endpointName }) =>
              endpointName === 'device'
                ? { kind: 'accepted' }
                : { kind: 'refused', code: ResponseCode.forbidden, reason: 'it is not its name' },
          },
        }),
      });
      const subject = new ServerUnderTest(virtualPace(network), 'device', operatorOf(server));
      const credential = pskCredential('device', key);
      assert.ok(!isMalformed(credential));
      const local = network.binding('10.0.1.1', 5683);
      const binding = isSecure
        ? dtlsClient({ port: 0, carrier: carrier(network, local, 2), credentialFor: () => ({ credential }) })
        : local;
      let isOpen = false;
      const opening = subject.open(binding, '10.0.0.1', 5683).finally(() => {
        isOpen = true;
      });
      await network.runUntil(() => isOpen, milliseconds(60_000));
      await opening;
      const all = await runCases(serverCases, subject);
      const failed = all.filter(({ outcome }) => outcome === 'failed');
      assert.equal(failed.length, 0, failed.map(reportLine).join('\n'));
      const skipped = all.filter(({ outcome }) => outcome === 'not applicable').map(({ id }) => id);
      assert.deepEqual(skipped, isSecure ? [] : ['1.0-int-401', 'dunlin-foreign-name']);
      assert.match(summaryLine(all), /, 0 failed, /);
    });
  });
}

describe('a server that nobody operates', () => {
  it('is tested as far as its devices can', async () => {
    const network = new SimulatedNetwork(1);
    await LwM2mServer.open({ listen: [network.binding('10.0.0.1', 5683)] });
    const subject = new ServerUnderTest(virtualPace(network), 'device', undefined);
    await subject.open(network.binding('10.0.1.1', 5683), '10.0.0.1', 5683);
    const all = await runCases(serverCases, subject);
    const counts = summaryLine(all);
    assert.match(counts, /^6 passed, 0 failed, \d+ not applicable$/);
    assert.match(all.find(({ outcome }) => outcome === 'not applicable')?.reason ?? '', /--operator/);
  });
});
