import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';

import { factsIn, FactReader } from '../../src/fleet/fact-reader.ts';
import { FakeServer, noon, registration } from '../support/fake-server.ts';

function bench(limits: ConstructorParameters<typeof FactReader>[1] = {}) {
  const server = new FakeServer();
  const reader = new FactReader(
    { server, index: server.fleet, now: () => noon },
    { delay: 0, interval: 0, ...limits },
  );
  return { server, reader };
}

/** Until what is due now has been asked. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    mock.timers.tick(1);
    await new Promise(setImmediate);
  }
}

describe('a server that asks devices what they are', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('reads Object 3 of a device that has registered, once', async () => {
    const { server, reader } = bench();
    using _reader = reader;
    const lamp = registration('lamp');
    const device = server.add(lamp);
    reader.registered(lamp);
    await settled();
    reader.registered(lamp);
    await settled();
    assert.deepEqual(
      device.asked.map(({ operation, path }) => `${operation} ${path}`),
      ['read /3/0'],
    );
  });

  it('asks no device that does not list the Object', async () => {
    const { server, reader } = bench();
    using _reader = reader;
    const lamp = registration('lamp', { objects: new Map() });
    const device = server.add(lamp);
    reader.registered(lamp);
    await settled();
    assert.deepEqual(device.asked, []);
  });

  it('asks no more devices at one time than it may', async () => {
    const { server, reader } = bench({ concurrent: 2 });
    using _reader = reader;
    const gates = ['a', 'b', 'c'].map((name) => {
      const device = server.add(registration(name));
      const gate = Promise.withResolvers<void>();
      device.gate = gate.promise;
      reader.registered(registration(name));
      return { device, gate };
    });
    await settled();
    assert.deepEqual(
      gates.map(({ device }) => device.asked.length),
      [1, 1, 0],
    );
    gates[0]?.gate.resolve();
    await settled();
    assert.deepEqual(
      gates.map(({ device }) => device.asked.length),
      [1, 1, 1],
    );
    for (const { gate } of gates) gate.resolve();
  });

  it('does not ask one again within the hour that refused', async () => {
    const { server, reader } = bench();
    using _reader = reader;
    const lamp = registration('lamp');
    const device = server.add(lamp);
    device.failure = new Error('refused');
    reader.registered(lamp);
    await settled();
    reader.registered(lamp);
    await settled();
    assert.equal(device.asked.length, 1);
  });
});

describe('facts among values', () => {
  it('are those of Object 3, cut to the length of a name', () => {
    const value = (path: string, text: string) =>
      ({
        path,
        resource: { kind: 'single', type: 'string', value: text },
        origin: 'read',
        knownAt: noon,
      }) as const;
    assert.equal(factsIn([value('/3303/0/5701', 'Cel')]), undefined);
    assert.deepEqual(
      factsIn([value('/3/0/0', 'Acme'), value('/3/0/1', 'X'.repeat(500)), value('/3/0/3', '1')]),
      {
        manufacturer: 'Acme',
        modelNumber: 'X'.repeat(128),
        firmwareVersion: '1',
      },
    );
  });
});
