import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';
import { type Driven, udpPeer } from '@dunlin/coap';
import { associationIdFrom } from '@dunlin/dtls';
import type { SmsStatistics } from '@dunlin/node';
import type { FirmwareState, FirmwareUpdate } from '@dunlin/server';

import { countedBinding } from '../../src/server/counted-binding.ts';
import { logLineText } from '../../src/server/log.ts';
import { ServerMetrics } from '../../src/server/server-metrics.ts';
import { FakeServer, noon, registration } from '../support/fake-server.ts';
import { noNetwork } from '../support/no-network.ts';

describe('metrics', () => {
  it('count registrations, operations, requests and datagrams', async () => {
    const metrics = new ServerMetrics();
    const server = new FakeServer();
    metrics.count(server);
    metrics.watch({ registrations: () => Promise.resolve(7), eventSubscribers: () => 2 });
    server.registered.emit({ registration: registration('lamp') });
    metrics.operationEnded('read', 'ok', 0.02);
    metrics.requestEnded('GET', '/api/v1/devices', 200);
    metrics.received(10);
    metrics.sent(20);
    metrics.malformed('version');
    const text = await metrics.metrics();
    for (const line of [
      'dunlin_registrations 7',
      'dunlin_event_subscribers 2',
      'dunlin_registration_events_total{event="registered"} 1',
      'dunlin_operation_seconds_count{operation="read",outcome="ok"} 1',
      'dunlin_http_requests_total{method="GET",route="/api/v1/devices",status="200"} 1',
      'dunlin_coap_datagrams_total{direction="in"} 1',
      'dunlin_coap_bytes_total{direction="out"} 20',
      'dunlin_coap_malformed_total{reason="version"} 1',
    ]) {
      assert.ok(text.includes(`${line}\n`), line);
    }
  });

  it('count bytes of firmware by method, once each, and updates by state and outcome', async () => {
    const metrics = new ServerMetrics();
    const server = new FakeServer();
    metrics.count(server);
    const firmware = (id: number, state: FirmwareState, attempts = 1): FirmwareUpdate => ({
      endpointName: 'lamp',
      id,
      image: { id: '0', name: 'a', size: 100 },
      install: 'automatic',
      delivery: { method: 'automatic' },
      startedAt: noon,
      activeAt: noon,
      attempts,
      state,
      observed: [],
      log: [],
    });
    const pushed = (sent: number): FirmwareState => ({
      kind: 'transferring',
      transfer: { method: 'push', isBegun: true, sent },
    });
    const { firmwareProgress, firmwareFinished } = server;
    for (const update of [
      firmware(1, pushed(10)),
      firmware(1, pushed(60)),
      firmware(1, pushed(30), 2),
      firmware(1, { kind: 'downloaded' }, 2),
    ])
      firmwareProgress.emit(update);
    const underWay = await metrics.metrics();
    assert.match(underWay, /^dunlin_firmware_bytes_total\{method="push"\} 160$/m);
    assert.match(underWay, /^dunlin_firmware_updates\{state="downloaded"\} 1$/m);
    const failure = { reason: 'result', message: 'no', result: 5 } as const;
    const failed = firmware(1, { kind: 'failed', at: noon, failure }, 2);
    firmwareProgress.emit(failed);
    firmwareFinished.emit(failed);
    firmwareFinished.emit(firmware(2, { kind: 'succeeded', at: noon }));
    const over = await metrics.metrics();
    assert.match(over, /^dunlin_firmware_updates_total\{outcome="result"\} 1$/m);
    assert.match(over, /^dunlin_firmware_updates_total\{outcome="succeeded"\} 1$/m);
    assert.doesNotMatch(over, /^dunlin_firmware_updates\{/m);
  });

  it('count what happens in the session with a message centre', async () => {
    const metrics = new ServerMetrics();
    const reason = 'the password is wrong';
    const counts = {
      submitted: 9,
      accepted: 5,
      refused: 1,
      unknown: 1,
      received: 4,
      dropped: 0,
      receipts: 3,
    };
    metrics.watchSms(
      {
        statistics: { sent: {}, received: {}, dropped: {}, ignored: {} } as SmsStatistics,
        isUp: false,
        budgets: () => [],
      },
      {
        status: { kind: 'waiting', retryAt: noon, reason, isMisconfigured: true },
        statistics: {
          ...counts,
          throttled: 2,
          busy: 6,
          unmatchedReceipts: 7,
          malformed: 8,
          failures: 3,
          queued: 10,
          unanswered: 11,
        },
      },
    );
    const text = await metrics.metrics();
    for (const [event, count] of [
      ['failure', 3],
      ['throttled', 2],
      ['busy', 6],
      ['malformed', 8],
      ['unmatched-receipt', 7],
    ] as const) {
      assert.match(text, new RegExp(`^dunlin_smpp_events_total\\{event="${event}"\\} ${count}$`, 'm'));
    }
    assert.match(text, /^dunlin_smpp_misconfigured 1$/m);
    assert.match(text, /^dunlin_smpp_waiting\{for="submission"\} 10$/m);
    assert.match(text, /^dunlin_smpp_waiting\{for="answer"\} 11$/m);
  });

  it('count secure associations and handshakes by outcome', async () => {
    const metrics = new ServerMetrics();
    const address = udpPeer('192.0.2.1', 40_000);
    const association = associationIdFrom('1');
    const made = {
      kind: 'established',
      association,
      role: 'server',
      address,
      peer: { kind: 'psk', identity: 'lamp' },
      credentialId: 'c1',
      suite: 'TLS_PSK_WITH_AES_128_CCM_8',
    } as const;
    metrics.dtlsDiagnosed({ kind: 'state-restored', associations: 5, expired: 1, refused: [] });
    metrics.dtlsDiagnosed({ ...made, isResumed: false });
    metrics.dtlsDiagnosed({ ...made, isResumed: true });
    metrics.dtlsDiagnosed({ kind: 'closed', address, reason: 'idle' });
    metrics.dtlsDiagnosed({
      kind: 'failed',
      association,
      role: 'server',
      address,
      reason: 'wrong-key',
      detail: '',
      alert: undefined,
      claimed: undefined,
    });
    metrics.dtlsDiagnosed({ kind: 'passed-over', problem: 'malformed', from: address, detail: '' });
    metrics.dtlsDiagnosed({ kind: 'lookup-failed', reason: '' });
    const text = await metrics.metrics();
    for (const line of [
      'dunlin_dtls_associations 6',
      'dunlin_dtls_handshakes_total{outcome="full"} 1',
      'dunlin_dtls_handshakes_total{outcome="resumed"} 1',
      'dunlin_dtls_handshakes_total{outcome="wrong-key"} 1',
      'dunlin_dtls_associations_ended_total{reason="idle"} 1',
      'dunlin_dtls_passed_over_total{problem="malformed"} 1',
      'dunlin_dtls_failures_total{kind="lookup-failed"} 1',
    ]) {
      assert.ok(text.includes(`${line}\n`), line);
    }
  });

  it('see every datagram that passes a binding, and hand it on', async () => {
    const passed: string[] = [];
    let inner: Driven | undefined;
    const binding = countedBinding(
      {
        open: (driven) => {
          inner = driven;
          return noNetwork.open(driven);
        },
      },
      {
        received: (bytes) => passed.push(`in ${bytes}`),
        sent: (bytes) => passed.push(`out ${bytes}`),
        malformed: (reason) => passed.push(`malformed ${reason}`),
      },
    );
    const peer = udpPeer('192.0.2.1', 5683);
    const outgoing = [{ peer, datagram: new Uint8Array(3) }];
    const shell = await binding.open({
      deadline: undefined,
      handle: (datagram) => passed.push(`handled ${datagram.length}`),
      wake: () => passed.push('woken'),
      poll: () => outgoing.shift(),
      peerLost: ({ key }) => passed.push(`lost ${key}`),
    });
    shell.flush();
    const now = instantFrom(0);
    inner?.handle(Uint8Array.of(0x40, 0, 0, 1), peer, now);
    inner?.handle(Uint8Array.of(0x80, 0, 0, 1), peer, now);
    inner?.wake(now);
    inner?.peerLost?.(peer, now);
    assert.deepEqual(passed, [
      'out 3',
      'in 4',
      'handled 4',
      'in 4',
      'malformed version',
      'handled 4',
      'woken',
      'lost udp:192.0.2.1:5683',
    ]);
  });
});

describe('the log for people', () => {
  it('is a short line of time, level, message and facts, safe for a terminal', () => {
    const line = JSON.stringify({
      level: 'info',
      time: '2026-01-01T12:00:00.000Z',
      endpoint: 'la\u001bmp',
      lifetime: 300,
      msg: 'registered',
    });
    assert.equal(logLineText(line), '12:00:00 INFO  registered endpoint=la\\u{1b}mp lifetime=300\n');
  });
});
