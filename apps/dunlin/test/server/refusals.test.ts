import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ServerEvent } from '@dunlin/api';
import { ServerEventSchema } from '@dunlin/api';
import { Secret } from '@dunlin/base';
import { udpPeer } from '@dunlin/coap';
import { associationIdFrom, type PeerIdentity } from '@dunlin/dtls';
import type { DtlsDiagnostic } from '@dunlin/node';
import { MemoryCredentialStore, type ServerDiagnostic } from '@dunlin/server';
import { pino } from 'pino';
import * as Value from 'typebox/value';

import { eventText } from '../../src/cli/event-text.ts';
import { Allowance } from '../../src/events/allowance.ts';
import { eventDocument } from '../../src/events/event-log.ts';
import { Refusals } from '../../src/server/refusals.ts';
import { noon } from '../support/fake-server.ts';

const address = udpPeer('192.0.2.7', 40_123);

function world(burst = 100) {
  const store = new MemoryCredentialStore();
  store.put({
    id: 'c1',
    endpointName: 'lamp',
    proof: { kind: 'psk', identity: 'lamp-identity' },
    createdAt: noon,
    key: new Secret(Uint8Array.of(1)),
  });
  const events: ServerEvent[] = [];
  const lines: string[] = [];
  const refusals = new Refusals({
    store,
    events: { publish: (event) => void events.push(eventDocument(event)) },
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    allowance: new Allowance(() => 0, { burst }),
  });
  return { refusals, events, lines };
}

type Failed = Extract<DtlsDiagnostic, { readonly kind: 'failed' }>;

function failed(reason: Failed['reason'], claimed?: PeerIdentity, detail = 'in words'): Failed {
  return {
    kind: 'failed',
    association: associationIdFrom('1'),
    role: 'server',
    address,
    reason,
    detail,
    alert: undefined,
    claimed,
  };
}

async function told(diagnostic: DtlsDiagnostic) {
  const { refusals, events, lines } = world();
  refusals.dtlsDiagnosed(diagnostic);
  await new Promise(setImmediate);
  return { event: events[0], line: lines.join('') };
}

describe('a handshake that failed', () => {
  it('tells a wrong key from an unknown identity, which the device cannot (RFC 4279 §2)', async () => {
    const wrongKey = await told(failed('wrong-key', { kind: 'psk', identity: 'lamp-identity' }));
    assert.partialDeepStrictEqual(wrongKey.event, {
      type: 'handshake-failed',
      endpoint: 'lamp',
      address: '192.0.2.7:40123',
      security: 'psk',
      identity: 'lamp-identity',
      reason: 'the pre-shared key is not that of credential c1',
    });
    assert.match(wrongKey.line, /a handshake failed/);
    const unknown = await told(failed('wrong-key', { kind: 'psk', identity: 'nobody' }));
    assert.partialDeepStrictEqual(unknown.event, {
      identity: 'nobody',
      reason: 'no credential has this PSK identity',
    });
    assert.ok(unknown.event !== undefined && !('endpoint' in unknown.event));
    const unreadable = await told(failed('wrong-key'));
    assert.partialDeepStrictEqual(unreadable.event, {
      reason: 'the PSK identity is no text of 1 to 256 bytes',
    });
  });

  it('tells why a key or certificate was not trusted, and what was offered that cannot be', async () => {
    const refused = await told(failed('refused', { kind: 'raw-public-key', publicKey: Uint8Array.of(1) }));
    assert.partialDeepStrictEqual(refused.event, { security: 'raw-public-key', reason: 'in words' });
    const from = { kind: 'passed-over', from: address, detail: 'no suite in common' } as const;
    const unacceptable = await told({ ...from, problem: 'not-acceptable' });
    assert.partialDeepStrictEqual(unacceptable.event, {
      type: 'handshake-failed',
      reason: 'no suite in common',
    });
    assert.equal((await told({ ...from, problem: 'malformed' })).event, undefined);
  });

  it('is none when it was ended or begun anew by us', async () => {
    assert.equal((await told(failed('closed-here'))).event, undefined);
    assert.equal((await told(failed('replaced'))).event, undefined);
  });

  it('has a line for people and keeps to the schema', async () => {
    const { event } = await told(failed('wrong-key', { kind: 'psk', identity: 'la\u001Bmp' }));
    assert.ok(event !== undefined && Value.Check(ServerEventSchema, event));
    assert.match(
      eventText(event),
      /\?  no secure association from 192\.0\.2\.7:40123 as psk la\\u\{1b\}mp: no credential/,
    );
  });
});

describe('a request that was refused', () => {
  const refused: ServerDiagnostic = {
    kind: 'request-refused',
    time: noon,
    peer: { ...address, security: { kind: 'psk', identity: 'lamp-identity' } },
    operation: 'register',
    endpointName: 'other',
    coapCode: '4.00',
    reason: 'the endpoint name does not belong to the authenticated identity',
  };

  it('is told as an event with the identity, the code and the reason (R-730)', () => {
    const { refusals, events } = world();
    refusals.diagnosed(refused);
    const [event] = events;
    assert.deepEqual(event, {
      type: 'refused',
      time: '2026-01-01T12:00:00.000Z',
      endpoint: 'other',
      operation: 'register',
      address: '192.0.2.7:40123',
      security: 'psk',
      identity: 'lamp-identity',
      coapCode: '4.00',
      reason: 'the endpoint name does not belong to the authenticated identity',
    });
    assert.ok(Value.Check(ServerEventSchema, event));
    assert.match(
      eventText(event),
      /other  refused register from 192\.0\.2\.7:40123 as psk lamp-identity with 4\.00: the endpoint/,
    );
  });

  it('is a line of the log, with what a filter of addresses needs', () => {
    const { refusals, lines } = world();
    refusals.diagnosed(refused);
    assert.partialDeepStrictEqual(JSON.parse(lines.join('')), {
      msg: 'refused a request',
      operation: 'register',
      endpoint: 'other',
      address: '192.0.2.7:40123',
      coapCode: '4.00',
    });
  });

  it('leaves other diagnostics alone', () => {
    const { refusals, events, lines } = world();
    refusals.diagnosed({ kind: 'store-failed', time: noon, doing: 'x', error: new Error('y') });
    assert.deepEqual(events, []);
    assert.deepEqual(lines, []);
  });

  it('does not push everything else out when there are very many', () => {
    const { refusals, events, lines } = world(3);
    for (let index = 0; index < 10; index += 1) refusals.diagnosed(refused);
    assert.equal(events.length, 3);
    assert.equal(lines.length, 3);
  });
});

describe('an allowance', () => {
  it('fills up again with time, up to its burst', () => {
    let now = 0;
    const allowance = new Allowance(() => now, { burst: 2, perSecond: 4 });
    const taken = (): number => {
      let count = 0;
      while (allowance.take()) count += 1;
      return count;
    };
    assert.equal(taken(), 2);
    now = 250;
    assert.equal(taken(), 1);
    now = 100_000;
    assert.equal(taken(), 2);
  });
});
