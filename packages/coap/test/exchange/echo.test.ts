import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Method, OptionNumber, ResponseCode } from '@dunlin/coap';

import { LockStep } from '../support/lock-step.ts';

const large = { code: ResponseCode.content, payload: new Uint8Array(500) } as const;

function sum(step: LockStep): number {
  return step.take().reduce((total, { datagram }) => total + datagram.length, 0);
}

describe('Amplification (CR-11.2, RFC 9175 §2.4)', () => {
  test('answers a small request with a challenge where the answer is large, and with the answer after it', () => {
    const step = new LockStep();
    step.handler = () => large;
    step.send({ type: 'con', code: '0.01', mid: 1, token: '#aa', path: 'big' });
    const challenge = step.expect({ type: 'ack', code: '4.01', mid: 1, token: '#aa' });
    const echo = challenge.options.bytes(OptionNumber.echo);
    assert.ok(echo !== undefined && challenge.payloadLength === 0);
    const options = [{ number: OptionNumber.echo, value: echo }];
    step.send({ type: 'con', code: '0.01', mid: 2, token: '#bb', path: 'big', options });
    step.expect({ type: 'ack', code: '2.05', mid: 2, token: '#bb', payload: large.payload });
    step.send({ type: 'con', code: '0.01', mid: 3, token: '#cc', path: 'big' });
    step.expect({ type: 'ack', code: '2.05', mid: 3 });
    assert.equal(step.endpoint.statistics.challenges, 1);
    step.expectEmptyInTheEnd();
  });

  test('needs no challenge for small answers: up to 136 bytes or 3 times the request', () => {
    const step = new LockStep();
    step.handler = () => ({ code: ResponseCode.content, payload: new Uint8Array(120) });
    step.send({ type: 'con', code: '0.01', mid: 1, path: 'a' });
    step.expect({ type: 'ack', code: '2.05', mid: 1 });
    step.handler = () => large;
    step.send({ type: 'con', code: '0.02', mid: 2, path: 'b', payload: new Uint8Array(200) });
    step.expect({ type: 'ack', code: '2.05', mid: 2 });
  });

  test('takes no value of another peer, of another time, or made up', () => {
    const step = new LockStep();
    step.handler = () => large;
    step.send({ type: 'con', code: '0.01', mid: 1, path: 'big' });
    const value = step.expect({ type: 'ack', code: '4.01', mid: 1 }).options.bytes(OptionNumber.echo);
    assert.ok(value !== undefined);
    const other = { ...step.peer, key: 'udp:192.0.2.8:1', address: '192.0.2.8', port: 1 };
    const options = [{ number: OptionNumber.echo, value }];
    step.send({ type: 'con', code: '0.01', mid: 2, path: 'big', options }, other);
    step.expect({ type: 'ack', code: '4.01', mid: 2 });
    const madeUp = [{ number: OptionNumber.echo, value: value.map((byte) => byte ^ 1) }];
    step.send({ type: 'con', code: '0.01', mid: 3, path: 'big', options: madeUp });
    step.expect({ type: 'ack', code: '4.01', mid: 3 });
    step.advance(302_000);
    step.send({ type: 'con', code: '0.01', mid: 4, path: 'big', options });
    step.expect({ type: 'ack', code: '4.01', mid: 4 });
  });

  test('does not ask for the repetition of what was done: the answer is cut instead', () => {
    const step = new LockStep();
    step.handler = () => large;
    step.send({ type: 'con', code: '0.02', mid: 1, token: '#aa', path: 'act' });
    const answer = step.expect({ type: 'ack', code: '2.05', mid: 1 });
    assert.ok(answer.length <= 136);
    assert.notEqual(answer.options.uint(OptionNumber.block2), undefined);
    assert.equal(step.handled, 1);
  });

  test('counts what is sent again: repetitions and retransmissions stay within the limit', () => {
    const step = new LockStep();
    step.handler = () => 'wait';
    const request = step.send({ type: 'con', code: '0.01', mid: 1, token: '#aa', path: 'slow' });
    step.advance(500);
    const { exchange } = step.output('request');
    step.respond(exchange, { code: ResponseCode.content, payload: new Uint8Array(90) });
    step.advance(100_000);
    assert.ok(sum(step) <= Math.max(136, 3 * request.length));
    step.expectEmptyInTheEnd();
  });

  test('ends for peers with security, and for those that acknowledge or know a token of ours', () => {
    const secure = new LockStep();
    secure.handler = () => large;
    secure.peer = { ...secure.peer, security: { kind: 'psk', identity: 'a' } };
    secure.send({ type: 'con', code: '0.01', mid: 1, path: 'big' });
    secure.expect({ type: 'ack', code: '2.05' });

    const known = new LockStep();
    known.handler = () => large;
    known.run((endpoint, now) => endpoint.request(known.peer, { method: Method.post, uriPath: ['rd'] }, now));
    known.expect({ type: 'con', code: '0.02', mid: 'm', token: 't' });
    known.send({ type: 'ack', code: '2.01', mid: 'm', token: 't' });
    known.send({ type: 'con', code: '0.01', mid: 1, path: 'big' });
    known.expect({ type: 'ack', code: '2.05' });

    const pinged = new LockStep();
    pinged.handler = () => large;
    pinged.run((endpoint, now) => endpoint.ping(pinged.peer, now));
    pinged.expect({ type: 'con', mid: 'p' });
    pinged.send({ type: 'rst', mid: 'p' });
    pinged.send({ type: 'con', code: '0.01', mid: 1, path: 'big' });
    pinged.expect({ type: 'ack', code: '2.05' });
  });

  test('is remembered for a day after the peer was forgotten, and not much longer', () => {
    const step = new LockStep();
    step.handler = () => large;
    step.run((endpoint, now) => endpoint.ping(step.peer, now));
    step.expect({ type: 'con', mid: 'p' });
    step.send({ type: 'rst', mid: 'p' });
    step.advance(86_400_000);
    assert.equal(step.endpoint.sizes.peers, 0);
    step.send({ type: 'con', code: '0.01', mid: 1, path: 'big' });
    step.expect({ type: 'ack', code: '2.05', mid: 1 });
    step.advance(3 * 86_400_000);
    step.send({ type: 'con', code: '0.01', mid: 1, path: 'big' });
    step.expect({ type: 'ack', code: '4.01', mid: 1 });
  });

  test('can be turned off', () => {
    const step = new LockStep({ behaviour: { amplificationLimit: false } });
    step.handler = () => large;
    step.send({ type: 'con', code: '0.01', mid: 1, path: 'big' });
    step.expect({ type: 'ack', code: '2.05', mid: 1 });
  });

  test('makes no observer of a peer that has to be challenged', () => {
    const step = new LockStep();
    step.handler = () => large;
    step.send({ type: 'con', code: '0.01', mid: 1, token: '#aa', path: 'big', observe: 0 });
    step.expect({ type: 'ack', code: '4.01', mid: 1, observe: false });
    assert.deepEqual(step.relations, []);
    assert.equal(step.endpoint.sizes.relations, 0);
  });
});

describe('Large notifications to an address in doubt (CR-11.2)', () => {
  test('wait until the peer has answered a ping of 4 bytes', () => {
    const step = new LockStep();
    step.send({ type: 'con', code: '0.01', mid: 1, token: '#aa', path: 'obs', observe: 0 });
    step.expect({ type: 'ack', code: '2.05' });
    const [relation] = step.relations;
    assert.ok(relation !== undefined);
    const state = { ...large, contentFormat: 0 };
    step.run((endpoint, now) => endpoint.notify(relation, state, now));
    step.run((endpoint, now) => endpoint.notify(relation, state, now));
    step.expect({ type: 'con', mid: 'p' });
    step.expectSilence();
    step.send({ type: 'rst', mid: 'p' });
    step.expect({ type: 'con', code: '2.05', token: '#aa', mid: 'n', payload: large.payload });
    step.send({ type: 'ack', mid: 'n' });
    step.output('notification-acknowledged');
    step.expectNoOutput();
    step.expectSilence();
  });

  test('end the relation when the ping has no answer', () => {
    const step = new LockStep();
    step.send({ type: 'con', code: '0.01', mid: 1, token: '#aa', path: 'obs', observe: 0 });
    const [relation] = step.relations;
    assert.ok(relation !== undefined);
    step.run((endpoint, now) => endpoint.notify(relation, { ...large, contentFormat: 0 }, now));
    step.advance(100_000);
    assert.equal(step.output('relation-ended').reason, 'no-answer');
    assert.ok(sum(step) <= 136);
    step.expectEmptyInTheEnd();
  });
});

describe('Echo on the client side (CR-11.2, RFC 9175 §2.3)', () => {
  const options = [{ number: OptionNumber.echo, value: new Uint8Array([1, 2, 3]) }];
  const put = { method: Method.put, uriPath: ['x'], payload: new Uint8Array([7]) } as const;

  test('repeats a request once with the value it was given, under a new token', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.request(step.peer, put, now));
    step.expect({ type: 'con', code: '0.03', mid: 'a', token: 't', has: { [OptionNumber.echo]: false } });
    step.send({ type: 'ack', code: '4.01', mid: 'a', token: 't', options });
    const second = step.expect({
      type: 'con',
      code: '0.03',
      mid: 'b',
      token: 'u',
      has: { [OptionNumber.echo]: '010203' },
    });
    assert.deepEqual(second.payload, put.payload);
    assert.notEqual(step.variables.get('t'), step.variables.get('u'));
    step.expectNoOutput();
    step.send({ type: 'ack', code: '2.04', mid: 'b', token: 'u' });
    assert.equal(step.output('response').response.code, ResponseCode.changed);
    step.expectEmptyInTheEnd();
  });

  test('hands a second challenge to the caller', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.request(step.peer, put, now));
    step.expect({ type: 'con', code: '0.03', mid: 'a', token: 't' });
    step.send({ type: 'ack', code: '4.01', mid: 'a', token: 't', options });
    step.expect({ type: 'con', code: '0.03', mid: 'b', token: 'u' });
    step.send({ type: 'ack', code: '4.01', mid: 'b', token: 'u', options });
    assert.equal(step.output('response').response.code, ResponseCode.unauthorized);
    step.expectSilence();
  });

  test('repeats a registration with the token of the observation', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.observe(step.peer, { method: Method.get, uriPath: ['x'] }, now));
    step.expect({ type: 'con', code: '0.01', mid: 'a', token: 't', observe: 0 });
    step.send({ type: 'ack', code: '4.01', mid: 'a', token: 't', options });
    step.expect({
      type: 'con',
      code: '0.01',
      mid: 'b',
      token: 't',
      observe: 0,
      has: { [OptionNumber.echo]: '010203' },
    });
    step.send({ type: 'ack', code: '2.05', mid: 'b', token: 't', observe: 5 });
    assert.equal(step.output('notification').isFirst, true);
  });
});
