import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { equalBytes } from '@dunlin/base';
import { Method, ResponseCode, udpPeer } from '@dunlin/coap';

import { bytes, LockStep } from '../support/lock-step.ts';

const get = { method: Method.get, uriPath: ['test'] } as const;

describe('Repeated requests (CR-4.2, RFC 7252 §4.5)', () => {
  test('answers a repetition with the identical bytes and runs the role once', () => {
    const step = new LockStep();
    step.handler = () => ({ code: ResponseCode.content, payload: bytes(`${step.handled}`) });
    const request = step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'test' });
    const [first] = step.take();
    step.advance(246_000);
    step.receive(request);
    const [second] = step.take();
    assert.ok(first !== undefined && second !== undefined && equalBytes(first.datagram, second.datagram));
    assert.equal(step.handled, 1);
    assert.equal(step.endpoint.statistics.duplicates, 1);
    step.expectEmptyInTheEnd();
  });

  test('forgets a confirmable message after EXCHANGE_LIFETIME and a non-confirmable one after NON_LIFETIME', () => {
    const step = new LockStep();
    const con = step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'test' });
    const non = step.send({ type: 'non', code: '0.01', mid: 6, token: '#bb', path: 'test' });
    step.advance(144_999);
    step.receive(non);
    assert.equal(step.handled, 2);
    step.advance(1);
    step.receive(non);
    assert.equal(step.handled, 3);
    step.advance(101_999);
    step.receive(con);
    assert.equal(step.handled, 3);
    step.advance(1);
    step.receive(con);
    assert.equal(step.handled, 4);
  });

  test('passes over a repetition while the role works, and acknowledges it once the window is over', () => {
    const step = new LockStep();
    step.handler = () => 'wait';
    const request = step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'slow' });
    const { exchange } = step.output('request');
    step.receive(request);
    step.expectSilence();
    step.advance(500);
    step.expect({ type: 'ack', mid: 5 });
    step.receive(request);
    step.expect({ type: 'ack', mid: 5 });
    step.respond(exchange, { code: ResponseCode.content });
    step.expect({ type: 'con', code: '2.05', mid: 's', token: '#aa' });
    step.send({ type: 'ack', mid: 's' });
    // The responder stays able to acknowledge after its separate response has arrived.
    step.receive(request);
    step.expect({ type: 'ack', mid: 5 });
    step.expectSilence();
    step.expectNoOutput();
    assert.equal(step.handled, 1);
    step.expectEmptyInTheEnd();
  });

  test('passes over a repeated non-confirmable request', () => {
    const step = new LockStep();
    const request = step.send({ type: 'non', code: '0.01', mid: 5, token: '#aa', path: 'test' });
    step.expect({ type: 'non', code: '2.05', token: '#aa' });
    step.receive(request);
    step.expectSilence();
    assert.equal(step.handled, 1);
  });

  test('takes other bytes under the same id for a new message: the peer restarted (CR-4.3)', () => {
    const step = new LockStep();
    step.handler = ({ request }) => ({
      code: ResponseCode.content,
      payload: bytes(request.uriPath.join('/')),
    });
    const old = step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'old' });
    step.expect({ type: 'ack', code: '2.05', mid: 5, token: '#aa', payload: 'old' });
    const young = step.send({ type: 'con', code: '0.01', mid: 5, token: '#bb', path: 'new' });
    step.expect({ type: 'ack', code: '2.05', mid: 5, token: '#bb', payload: 'new' });
    step.receive(young);
    step.expect({ type: 'ack', code: '2.05', mid: 5, token: '#bb', payload: 'new' });
    assert.equal(step.handled, 2);
    step.receive(old);
    step.expect({ type: 'ack', code: '2.05', mid: 5, token: '#aa', payload: 'old' });
    assert.equal(step.handled, 3);
    step.expectEmptyInTheEnd();
  });

  test('keeps peers and directions apart', () => {
    const step = new LockStep();
    const request = step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'test' });
    step.receive(request, udpPeer('192.0.2.7', 40_001));
    assert.equal(step.handled, 2);
    assert.equal(step.take().length, 2);
    // Ours may have the id that a message of the peer had.
    step.run((endpoint, now) => endpoint.request(step.peer, get, now));
    const { messageId } = step.expect({ type: 'con', code: '0.01', token: 't' });
    step.send({ type: 'con', code: '0.01', mid: messageId, token: '#cc', path: 'x' });
    step.expect({ type: 'ack', code: '2.05', mid: messageId, token: '#cc' });
    step.send({ type: 'ack', code: '2.05', mid: messageId, token: 't' });
    step.output('response');
  });

  test('keeps 128 messages of a peer and drops the oldest (CR-4.4)', () => {
    const step = new LockStep();
    const requests = Array.from({ length: 129 }, (_, mid) =>
      step.send({ type: 'con', code: '0.01', mid, token: '#aa', path: 'test' }),
    );
    assert.equal(step.endpoint.sizes.receivedMessages, 128);
    step.receive(requests[1] ?? '');
    assert.equal(step.handled, 129);
    step.receive(requests[0] ?? '');
    assert.equal(step.handled, 130);
    step.take();
    step.expectEmptyInTheEnd();
  });

  test('keeps a bounded number of messages and bytes of all peers (CR-4.4)', () => {
    const step = new LockStep({ limits: { maxReceivedMessages: 50, maxAnswerBytes: 4096 } });
    step.handler = () => ({ code: ResponseCode.content, payload: new Uint8Array(100) });
    step.peer = { ...step.peer, security: { kind: 'psk', identity: 'x' } };
    for (let mid = 0; mid < 1000; mid += 1) {
      const peer = { ...step.peer, key: `psk:${mid % 20}` };
      step.send({ type: 'con', code: '0.01', mid, token: '#aa', path: 'test' }, peer);
      assert.ok(step.endpoint.sizes.receivedMessages <= 50);
    }
    assert.equal(step.handled, 1000);
    step.take();
    step.expectEmptyInTheEnd();
  });
});

describe('Repeated responses (CR-4.2, RFC 7252 §4.5)', () => {
  test('acknowledges a repeated confirmable response again and delivers it once', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.request(step.peer, get, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
    step.send({ type: 'ack', mid: 'm' });
    const response = step.send({ type: 'con', code: '2.05', mid: 9, token: 't' });
    step.expect({ type: 'ack', mid: 9 });
    step.output('response');
    step.receive(response);
    step.expect({ type: 'ack', mid: 9 });
    step.expectNoOutput();
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });

  test('passes over a repeated non-confirmable response', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.request(step.peer, get, now, { isConfirmable: false }));
    step.expect({ type: 'non', code: '0.01', token: 't' });
    const response = step.send({ type: 'non', code: '2.05', mid: 9, token: 't' });
    step.output('response');
    step.receive(response);
    step.expectNoOutput();
    step.expectSilence();
  });
});

describe('Message ids of ours (CR-4.1, RFC 7252 §4.4)', () => {
  test('counts on for confirmable and non-confirmable messages of both roles, from a random start', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.request(step.peer, get, now, { isConfirmable: false }));
    const first = step.expect({ type: 'non', code: '0.01', token: 't' });
    step.send({ type: 'non', code: '2.05', mid: 1, token: 't' });
    step.send({ type: 'non', code: '0.01', mid: 2, token: '#aa', path: 'test' });
    const second = step.expect({ type: 'non', code: '2.05', token: '#aa' });
    step.run((endpoint, now) => endpoint.ping(step.peer, now));
    const third = step.expect({ type: 'con' });
    assert.deepEqual(
      [second.messageId, third.messageId],
      [(first.messageId + 1) & 0xffff, (first.messageId + 2) & 0xffff],
    );
  });

  test('gives none a second time within EXCHANGE_LIFETIME and fails clearly when all are used up', () => {
    const step = new LockStep({ limits: { startsPerSecond: 1e9, startBurst: 1e6 } });
    const seen = new Set<number>();
    let failed = 0;
    for (let count = 0; count < 66_000; count += 1) {
      step.run((endpoint, now) => endpoint.request(step.peer, get, now));
      const [sent] = step.take();
      if (sent === undefined) {
        assert.equal(step.output('request-failed').reason, 'overloaded');
        failed += 1;
        continue;
      }
      const messageId = ((sent.datagram[2] ?? 0) << 8) | (sent.datagram[3] ?? 0);
      assert.ok(!seen.has(messageId));
      seen.add(messageId);
      step.send({ type: 'rst', mid: messageId });
      step.output('request-failed');
    }
    assert.ok(failed > 0 && seen.size > 61_000);
    step.advance(247_000);
    step.run((endpoint, now) => endpoint.request(step.peer, get, now));
    assert.equal(step.take().length, 1);
  });
});
