import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Method, ResponseCode } from '@dunlin/coap';
import { bytes, LockStep } from '../support/lock-step.ts';

const get = { method: Method.get, uriPath: ['3', '0'] } as const;

describe('Requests of ours (RFC 7252 §5.2)', () => {
  test('completes by a piggybacked response', () => {
    const step = new LockStep();
    const id = step.run((endpoint, now) => endpoint.request(step.peer, get, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't', path: '3/0' });
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't', payload: 'hello' });
    const { request, response } = step.output('response');
    assert.equal(request, id);
    assert.deepEqual(response.payload, bytes('hello'));
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });

  test('waits for a separate response after an empty acknowledgement and acknowledges it', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.request(step.peer, get, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
    step.send({ type: 'ack', mid: 'm' });
    step.advance(100_000);
    step.expectSilence();
    step.send({ type: 'con', code: '2.05', mid: 77, token: 't', payload: 'late' });
    assert.deepEqual(step.output('response').response.payload, bytes('late'));
    step.expect({ type: 'ack', mid: 77 });
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });
});

describe('Requests of peers (RFC 7252 §5.2)', () => {
  test('answers in the acknowledgement', () => {
    const step = new LockStep();
    step.send({ type: 'con', code: '0.01', mid: 5, token: '#aabb', path: 'test' });
    step.expect({ type: 'ack', code: '2.05', mid: 5, token: '#aabb', payload: 'ok' });
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });

  test('acknowledges first and answers later when the role takes its time', () => {
    const step = new LockStep();
    step.handler = () => 'wait';
    step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'separate' });
    const { exchange } = step.output('request');
    step.advance(500);
    step.expect({ type: 'ack', mid: 5, token: '#' });
    step.respond(exchange, { code: ResponseCode.content, payload: bytes('x') });
    step.expect({ type: 'con', code: '2.05', mid: 's', token: '#aa', payload: 'x' });
    step.send({ type: 'ack', mid: 's' });
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });

  test('observes and notifies', () => {
    const step = new LockStep();
    step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'obs', observe: 0 });
    step.expect({ type: 'ack', code: '2.05', mid: 5, token: '#aa', observe: 'any' });
    const [relation] = step.relations;
    assert.ok(relation !== undefined);
    step.run((endpoint, now) =>
      endpoint.notify(relation, { code: 0x45, contentFormat: 0, payload: bytes('1') }, now, {
        isConfirmable: true,
      }),
    );
    step.expect({ type: 'con', code: '2.05', mid: 'n', token: '#aa', observe: 'any', payload: '1' });
    step.send({ type: 'ack', mid: 'n' });
    step.output('notification-acknowledged');
    step.run((endpoint) => endpoint.endRelation(relation));
    step.expectEmptyInTheEnd();
  });
});
