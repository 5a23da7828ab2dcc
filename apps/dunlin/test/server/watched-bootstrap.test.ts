// What an operator sees of bootstraps beside the interface: the log, the metrics, and events of refusals.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type ServerEvent, ServerEventSchema } from '@dunlin/api';
import { Secret } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import { DeviceCredentials, MemoryCredentialStore } from '@dunlin/server';
import { pino } from 'pino';
import * as Value from 'typebox/value';

import { configurationFor } from '../../../../packages/bootstrap/test/support/configurations.ts';
import { openTestBootstrapServer } from '../../../../packages/bootstrap/test/support/test-bootstrap-server.ts';
import { eventText } from '../../src/cli/event-text.ts';
import { eventDocument } from '../../src/events/event-log.ts';
import { logBootstrapEvents } from '../../src/server/log-bootstrap-events.ts';
import { logDiagnostic } from '../../src/server/log-server-events.ts';
import { Refusals } from '../../src/server/refusals.ts';
import { ServerMetrics } from '../../src/server/server-metrics.ts';
import { noon } from '../support/fake-server.ts';

type Line = Readonly<Record<string, unknown>>;

async function watched() {
  const credentials = new DeviceCredentials(new MemoryCredentialStore());
  const world = await openTestBootstrapServer([configurationFor('lamp')], { credentials });
  const lines: Line[] = [];
  const log = pino(
    { level: 'trace' },
    { write: (line: string) => void lines.push(JSON.parse(line) as Line) },
  );
  const metrics = new ServerMetrics();
  const events: ServerEvent[] = [];
  const refusals = new Refusals({
    store: credentials.store,
    events: { publish: (event) => void events.push(eventDocument(event)) },
    log,
  });
  const subscriptions = new DisposableStack();
  subscriptions.use(logBootstrapEvents(world.server, log));
  subscriptions.use(metrics.countBootstraps(world.server));
  subscriptions.use(
    world.server.diagnostics.subscribe((diagnostic) => {
      metrics.diagnosed(diagnostic);
      logDiagnostic(diagnostic, log);
      refusals.diagnosed(diagnostic);
    }),
  );
  return { world, lines, metrics, events, credentials, subscriptions };
}

describe('bootstraps', () => {
  it('are logged from start to end, without what is written', async () => {
    const { world, lines } = await watched();
    await using _world = world;
    await world.bootstrap('lamp');
    const [started] = lines;
    assert.equal(started?.['msg'], 'bootstrap started');
    assert.equal(started['endpoint'], 'lamp');
    assert.match(String(started['address']), /^10\.0\.0\.2:\d+$/);
    assert.deepEqual(
      lines.slice(1, -1).map(({ msg, operation, path = '', coapCode }) => [msg, operation, path, coapCode]),
      [
        ['bootstrap step', 'bootstrap-discover', '/', '2.05'],
        ['bootstrap step', 'bootstrap-write', '/0/1', '2.04'],
        ['bootstrap step', 'bootstrap-write', '/1/0', '2.04'],
        ['bootstrap step', 'bootstrap-finish', '', '2.04'],
      ],
    );
    assert.equal(lines.at(-1)?.['msg'], 'bootstrap finished');
    assert.ok(!JSON.stringify(lines).includes('server-1.example'));
  });

  it('that fail are warnings with the reason', async () => {
    const { world, lines } = await watched();
    await using _world = world;
    world.device.misbehaviour = ({ line }) =>
      line === 'POST /bs' ? { code: ResponseCode.notAcceptable } : undefined;
    await world.bootstrap('lamp');
    const last = lines.at(-1);
    assert.equal(last?.['msg'], 'bootstrap failed');
    assert.equal(last['level'], 40);
    assert.equal(last['failure'], 'refused');
    assert.match(String(last['reason']), /4\.06/);
  });

  it('are counted by how they end', async () => {
    const { world, metrics } = await watched();
    await using _world = world;
    await world.bootstrap('lamp');
    await world.bootstrap('lamp');
    world.device.misbehaviour = () => 'silence';
    await world.bootstrap('lamp');
    const text = await metrics.metrics();
    assert.match(text, /^dunlin_bootstrap_sessions_total\{outcome="finished"\} 2$/m);
    assert.match(text, /^dunlin_bootstrap_sessions_total\{outcome="no-answer"\} 1$/m);
  });

  it('that are refused are events and diagnostics (R-222, R-730)', async () => {
    const { world, metrics, events, lines, credentials } = await watched();
    await using _world = world;
    const key = { endpointName: 'lamp', proof: { kind: 'psk', identity: 'lamp' } } as const;
    await credentials.put({ id: 'c1', createdAt: noon, key: new Secret(new Uint8Array(16)), ...key });
    assert.equal(await world.device.bootstrap('lamp'), '4.03');
    assert.equal(await world.device.bootstrap('nobody'), '4.00');
    assert.deepEqual(
      events.map((event) => event.type === 'refused' && [event.endpoint, event.operation, event.coapCode]),
      [
        ['lamp', 'bootstrap', '4.03'],
        ['nobody', 'bootstrap', '4.00'],
      ],
    );
    for (const event of events) assert.ok(Value.Check(ServerEventSchema, event));
    const [event] = events;
    assert.match(
      (event && eventText(event)) ?? '',
      /lamp {2}refused bootstrap from 10\.0\.0\.2:\d+ with 4\.03: /,
    );
    assert.match(await metrics.metrics(), /\{kind="request-refused"\} 2$/m);
    assert.equal(lines.filter(({ operation }) => operation === 'bootstrap').length, 2);
  });

  it('are none of anybody’s business any more once nobody watches', async () => {
    const { world, lines, subscriptions } = await watched();
    await using _world = world;
    subscriptions.dispose();
    await world.bootstrap('lamp');
    assert.deepEqual(lines, []);
  });
});
