import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { TraceEntry, TraceMessage } from '@dunlin/api';

import { traceText } from '../../src/cli/trace-text.ts';
import { runProgram } from '../../src/program/run-program.ts';
import { testContext } from '../support/test-context.ts';

const message: TraceMessage = {
  kind: 'message',
  id: 1,
  time: '2026-01-01T12:00:00.123Z',
  direction: 'in',
  address: '192.0.2.7:40123',
  local: 'coap://0.0.0.0:5683',
  service: 'management',
  transport: 'udp',
  security: 'none',
  size: 20,
  type: 'ACK',
  code: '2.05',
  codeName: 'Content',
  messageId: 7,
  token: 'cafe',
  options: [],
  path: '/3303/0/5700',
  isRepeated: false,
};

const stream = (entry: TraceEntry): string => `id: ${entry.id}\ndata: ${JSON.stringify(entry)}\n\n`;

describe('dunlin trace', () => {
  it('shows each message in one line until it has shown as many as were asked for', async () => {
    const context = testContext(() => ({ text: stream(message) + stream({ ...message, id: 2 }) }));
    assert.equal(await runProgram(['trace', 'lamp', '--count', '2'], context), 0);
    const line = '12:00:00.123  ←  ACK 2.05 Content /3303/0/5700  mid 7  tok cafe  20 B\n';
    assert.equal(context.out(), line + line);
    assert.match(context.requests[0]?.url ?? '', /\/api\/v1\/devices\/lamp\/trace\/live/);
  });

  it('prints entries as JSON lines', async () => {
    const context = testContext(() => ({ text: stream(message) }));
    assert.equal(await runProgram(['trace', 'lamp', '--count', '1', '--json'], context), 0);
    assert.deepEqual(JSON.parse(context.out()), message);
  });

  it('writes a capture file', async () => {
    const context = testContext(() => ({ text: 'bytes' }));
    assert.equal(await runProgram(['trace', 'lamp', '--pcapng', 'lamp.pcapng'], context), 0);
    assert.deepEqual(context.written.get('lamp.pcapng'), new TextEncoder().encode('bytes'));
    assert.match(context.out(), /5 bytes to lamp\.pcapng/);
  });

  it('gives up when no server answers', async () => {
    assert.equal(await runProgram(['trace', 'lamp'], testContext()), 6);
  });

  it('says of a request what it asks, and of a message what is unusual about it', () => {
    const request: TraceMessage = {
      ...message,
      direction: 'in',
      type: 'CON',
      code: '0.02',
      codeName: 'POST',
      path: '/rd',
      options: [
        { number: 15, name: 'Uri-Query', value: 'ep=lamp' },
        { number: 15, name: 'Uri-Query', value: 'lt=300' },
      ],
      isRepeated: true,
      block1: { number: 2, isMore: true, size: 64 },
      payload: { length: 3, hex: '616263', text: 'a\u001bc' },
    };
    assert.equal(
      traceText(request),
      '12:00:00.123  ←  CON POST /rd?ep=lamp&lt=300  mid 7  tok cafe  block1 2+/64  20 B  (duplicate)  "a\\u001bc"\n',
    );
    const withheld: TraceMessage = { ...message, payload: { length: 9, withheld: 'security-material' } };
    assert.match(traceText(withheld), /\(9 B withheld: security-material\)/);
  });

  it('tells of handshakes in words', () => {
    const facts = {
      kind: 'dtls',
      id: 1,
      time: message.time,
      address: '192.0.2.7:1',
      service: 'management',
    } as const;
    assert.match(
      traceText({
        ...facts,
        event: 'failed',
        security: 'psk',
        identity: 'lamp',
        reason: 'no key',
        alert: 20,
      }),
      /DTLS handshake failed with 192\.0\.2\.7:1 as psk lamp: no key \(alert 20\)/,
    );
    assert.match(traceText({ ...facts, event: 'claimed' }), /DTLS handshake from/);
    assert.match(traceText({ ...facts, event: 'established', suite: 'S', isResumed: true }), /S, resumed/);
    assert.match(traceText({ ...facts, event: 'closed', reason: 'idle' }), /closed with .*: idle/);
    assert.match(traceText({ ...facts, event: 'address-changed' }), /goes on from/);
  });
});
