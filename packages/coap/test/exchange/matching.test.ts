import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { DunlinError, equalBytes, milliseconds } from '@dunlin/base';
import { Method, OptionNumber, ResponseCode } from '@dunlin/coap';

import { bytes, LockStep } from '../support/lock-step.ts';

const get = { method: Method.get, uriPath: ['test'] } as const;

function ask(step: LockStep, isConfirmable = true): void {
  step.run((endpoint, now) => endpoint.request(step.peer, get, now, { isConfirmable }));
  step.expect({ type: isConfirmable ? 'con' : 'non', code: '0.01', mid: 'm', token: 't' });
}

describe('Matching responses to requests (CR-5.2, RFC 7252 §5.3.2)', () => {
  test('passes over an acknowledgement with the token of another request or another id (N27)', () => {
    const step = new LockStep();
    ask(step);
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: '#01' });
    step.send({ type: 'ack', code: '2.05', mid: Number(step.variables.get('m')) ^ 1, token: 't' });
    step.send({ type: 'ack', mid: Number(step.variables.get('m')) ^ 1 });
    step.expectSilence();
    step.expectNoOutput();
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't' });
    step.output('response');
  });

  test('takes a confirmable or non-confirmable response by its token alone, whatever its id', () => {
    for (const type of ['con', 'non'] as const) {
      const step = new LockStep();
      ask(step);
      step.send({ type, code: '2.05', mid: 'm', token: 't' });
      step.output('response');
      if (type === 'con') step.expect({ type: 'ack', mid: 'm' });
      step.expectSilence();
    }
  });

  test('a response that overtakes its acknowledgement completes the request (CR-4.6, CORE_16)', () => {
    const step = new LockStep();
    ask(step);
    step.send({ type: 'con', code: '2.05', mid: 9, token: 't' });
    step.expect({ type: 'ack', mid: 9 });
    step.output('response');
    step.send({ type: 'ack', mid: 'm' });
    step.advance(100_000);
    step.expectSilence();
    step.expectNoOutput();
  });

  test('rejects a response with the right token from another address (CR-5.2)', () => {
    const step = new LockStep();
    ask(step);
    const other = { ...step.peer, key: 'udp:192.0.2.8:40000', address: '192.0.2.8' };
    step.send({ type: 'con', code: '2.05', mid: 9, token: 't' }, other);
    step.expect({ type: 'rst', mid: 9 });
    step.expectNoOutput();
  });

  test('rejects a second response to an answered request with a Reset (N25)', () => {
    const step = new LockStep();
    ask(step);
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't' });
    step.output('response');
    step.send({ type: 'con', code: '2.05', mid: 9, token: 't' });
    step.expect({ type: 'rst', mid: 9 });
    step.send({ type: 'non', code: '2.05', mid: 10, token: 't' });
    step.expect({ type: 'rst', mid: 10 });
    step.expectNoOutput();
  });

  test('rejects a response with an unknown critical option and says so (CR-10.1, RFC 7252 §5.4.1)', () => {
    const options = [{ number: 9999, value: 'x' }];
    for (const type of ['con', 'non', 'ack'] as const) {
      const step = new LockStep();
      ask(step);
      step.send({ type, code: '2.05', mid: type === 'ack' ? 'm' : 9, token: 't', options });
      if (type === 'con') step.expect({ type: 'rst', mid: 9 });
      step.expectSilence();
      assert.equal(step.output('request-failed').reason, 'malformed-response');
      step.expectEmptyInTheEnd();
    }
  });

  test('treats unknown response codes as the generic code of their class (RFC 7252 §5.9)', () => {
    const step = new LockStep();
    ask(step);
    step.send({ type: 'ack', code: '4.27', mid: 'm', token: 't' });
    assert.equal(step.output('response').response.code, ResponseCode.badRequest);
  });
});

describe('Tokens (CR-6.1, CR-6.2)', () => {
  test('are 8 bytes that differ, with at least 4 that cannot be guessed', () => {
    const step = new LockStep();
    const tokens: Uint8Array[] = [];
    for (let count = 0; count < 100; count += 1) {
      step.run((endpoint, now) => endpoint.request(step.peer, get, now));
      const { token, messageId } = step.expect({ type: 'con', code: '0.01' });
      tokens.push(token);
      step.send({ type: 'rst', mid: messageId });
      step.output('request-failed');
    }
    assert.ok(tokens.every(({ length }) => length === 8));
    assert.equal(new Set(tokens.map((token) => token.slice(4).join())).size, 100);
    assert.equal(new Set(tokens.map((token) => token.slice(0, 4).join())).size, 100);
  });

  test('of peers are given back as they came, from none to 8 bytes (CORE_10, CORE_12)', () => {
    const step = new LockStep();
    for (const token of ['#', '#00', '#0102030405060708']) {
      step.send({ type: 'con', code: '0.01', mid: token.length, token, path: 'test' });
      step.expect({ type: 'ack', code: '2.05', mid: token.length, token });
    }
  });
});

describe('Waiting for a response (CR-4.7, CR-4.8)', () => {
  test('ends EXCHANGE_LIFETIME after an empty acknowledgement', () => {
    const step = new LockStep();
    ask(step);
    step.advance(1000);
    step.send({ type: 'ack', mid: 'm' });
    step.advance(246_999);
    step.expectNoOutput();
    step.advance(1);
    assert.equal(step.output('request-failed').reason, 'no-answer');
    step.expectSilence();
  });

  test('ends MAX_RTT after a non-confirmable request', () => {
    const step = new LockStep();
    ask(step, false);
    step.advance(201_999);
    step.expectNoOutput();
    step.advance(1);
    assert.equal(step.output('request-failed').reason, 'no-answer');
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });

  test('ends after the time that the caller sets, acknowledged or not', () => {
    for (const isAcknowledged of [true, false]) {
      const step = new LockStep();
      step.run((endpoint, now) => endpoint.request(step.peer, get, now, { timeout: milliseconds(5000) }));
      step.expect({ type: 'con', code: '0.01', mid: 'm' });
      if (isAcknowledged) step.send({ type: 'ack', mid: 'm' });
      step.advance(4999);
      step.expectNoOutput();
      step.advance(1);
      assert.equal(step.output('request-failed').reason, 'no-answer');
      step.take();
      step.advance(100_000);
      step.expectSilence();
    }
  });

  test('ends when the peer rejects a non-confirmable request (RFC 7252 §4.3)', () => {
    const step = new LockStep();
    ask(step, false);
    step.send({ type: 'rst', mid: 'm' });
    assert.equal(step.output('request-failed').reason, 'reset');
  });

  test('ends when the caller cancels: no retransmission, and a Reset for a late response', () => {
    const step = new LockStep();
    const id = step.run((endpoint, now) => endpoint.request(step.peer, get, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
    step.run((endpoint, now) => endpoint.cancelRequest(id, now));
    assert.equal(step.output('request-failed').reason, 'cancelled');
    step.advance(100_000);
    step.expectSilence();
    step.send({ type: 'con', code: '2.05', mid: 9, token: 't' });
    step.expect({ type: 'rst', mid: 9 });
    step.run((endpoint, now) => endpoint.cancelRequest(id, now));
    step.expectNoOutput();
    step.expectEmptyInTheEnd();
  });
});

describe('Answering (CR-4.5, CR-10.5, CR-10.7)', () => {
  test('repeats a separate response until it is acknowledged (CORE_09)', () => {
    const step = new LockStep();
    step.handler = () => 'wait';
    step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'slow' });
    step.advance(500);
    step.expect({ type: 'ack', mid: 5 });
    step.respond(step.output('request').exchange, { code: ResponseCode.content, payload: bytes('x') });
    const first = step.take();
    step.advance(2000);
    const second = step.take();
    assert.ok(first[0] !== undefined && second[0] !== undefined);
    assert.ok(equalBytes(first[0].datagram, second[0].datagram));
    step.advance(100_000);
    assert.equal(step.take().length, 3);
    step.expectNoOutput();
    step.expectEmptyInTheEnd();
  });

  test('answers 5.03 when the role does not answer in time (CR-10.5)', () => {
    const step = new LockStep();
    step.handler = () => 'wait';
    step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'slow' });
    const { exchange } = step.output('request');
    step.advance(202_000);
    step.expect({ type: 'ack', mid: 5 });
    step.expect({ type: 'con', code: '5.03', token: '#aa' });
    step.respond(exchange, { code: ResponseCode.content });
    step.expectEmptyInTheEnd();
  });

  test('answers 5.00 in place of what cannot be sent, and tells the role (CR-10.5)', () => {
    const step = new LockStep();
    step.handler = () => 'wait';
    step.send({ type: 'con', code: '0.02', mid: 5, path: 'x', observe: 0 });
    const { exchange } = step.output('request');
    const response = { code: ResponseCode.created, locationPath: ['..'] };
    assert.throws(
      () => step.respond(exchange, response),
      (error) => DunlinError.is(error),
    );
    step.drain();
    step.expect({ type: 'ack', code: '5.00', mid: 5 });
    step.expectEmptyInTheEnd();
  });

  test('treats a request that the role ignores as one that was lost', () => {
    const step = new LockStep();
    step.handler = () => 'wait';
    const request = step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'x' });
    const { exchange } = step.output('request');
    step.run((endpoint, now) => endpoint.ignore(exchange, now));
    step.advance(10_000);
    step.expectSilence();
    // A repetition is a new chance, as after a loss.
    step.receive(request);
    step.respond(step.output('request').exchange, { code: ResponseCode.content });
    step.expect({ type: 'ack', code: '2.05', mid: 5 });
    step.receive(request);
    step.expect({ type: 'ack', code: '2.05', mid: 5 });
    step.expectNoOutput();
    step.expectEmptyInTheEnd();
  });

  for (const [mask, code, isSent] of [
    [2, '2.05', false],
    [8, '4.04', false],
    [16, '5.00', false],
    [24, '2.05', true],
    [2, '4.04', true],
    [26, '5.03', false],
    [0, '2.05', true],
  ] as const) {
    test(`No-Response ${mask} ${isSent ? 'lets' : 'holds back'} ${code} (CR-10.7, RFC 7967 §2.1)`, () => {
      const options = [{ number: OptionNumber.noResponse, value: mask }];
      const [classText, detail] = code.split('.');
      const response = { code: ((Number(classText) << 5) | Number(detail)) as ResponseCode };
      const step = new LockStep();
      step.handler = () => response;
      step.send({ type: 'non', code: '0.02', mid: 1, token: '#aa', path: 'dp', options });
      if (isSent) step.expect({ type: 'non', code });
      const request = step.send({ type: 'con', code: '0.02', mid: 2, token: '#bb', path: 'dp', options });
      step.expect(isSent ? { type: 'ack', code, mid: 2 } : { type: 'ack', mid: 2 });
      step.receive(request);
      step.expect(isSent ? { type: 'ack', code, mid: 2 } : { type: 'ack', mid: 2 });
      step.expectSilence();
      step.expectEmptyInTheEnd();
    });
  }

  test('answers 5.03 when too many requests wait for the role (CR-11.4)', () => {
    const step = new LockStep({ limits: { maxExchangesPerPeer: 2 } });
    step.handler = () => 'wait';
    for (let mid = 1; mid <= 3; mid += 1) step.send({ type: 'con', code: '0.01', mid, path: 'slow' });
    step.expect({ type: 'ack', code: '5.03', mid: 3 });
    step.output('request');
    step.output('request');
    step.expectNoOutput();
  });
});
