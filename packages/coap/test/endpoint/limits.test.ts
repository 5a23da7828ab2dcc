import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { hexEncode } from '@dunlin/base';
import { Method, udpPeer } from '@dunlin/coap';

import { LockStep } from '../support/lock-step.ts';

const get = { method: Method.get, uriPath: ['x'] } as const;

describe('Tables (CR-11.4)', () => {
  test('forgets a silent peer after EXCHANGE_LIFETIME', () => {
    const step = new LockStep();
    for (let port = 1; port <= 50; port += 1) {
      step.send({ type: 'con', code: '0.01', mid: port, path: 'x' }, udpPeer('192.0.2.1', port));
    }
    assert.equal(step.endpoint.sizes.peers, 50);
    step.advance(246_999);
    assert.equal(step.endpoint.sizes.peers, 50);
    step.advance(1);
    assert.equal(step.endpoint.sizes.peers, 0);
    assert.equal(step.endpoint.sizes.receivedMessages, 0);
    assert.equal(step.endpoint.deadline, undefined);
  });

  test('a flood of new sources displaces neither secured peers nor those with obligations', () => {
    const step = new LockStep({ limits: { maxPeers: 20 } });
    const secured = { ...step.peer, key: 'psk:a', security: { kind: 'psk', identity: 'a' } } as const;
    const first = step.send({ type: 'con', code: '0.01', mid: 1, path: 'x' }, secured);
    const observer = udpPeer('192.0.2.2', 1);
    step.send({ type: 'con', code: '0.01', mid: 1, path: 'x', observe: 0 }, observer);
    for (let port = 1; port <= 500; port += 1) {
      step.send({ type: 'con', code: '0.01', mid: port, path: 'x' }, udpPeer('192.0.2.1', port));
    }
    assert.equal(step.endpoint.sizes.peers, 20);
    assert.equal(step.endpoint.sizes.relations, 1);
    const { handled } = step;
    step.receive(first, secured);
    assert.equal(step.handled, handled);
  });

  test('bounds requests of ours in all', () => {
    const step = new LockStep({ limits: { maxRequests: 2 } });
    for (let port = 1; port <= 3; port += 1) {
      step.run((endpoint, now) => endpoint.request(udpPeer('192.0.2.1', port), get, now));
    }
    assert.equal(step.output('request-failed').reason, 'overloaded');
    step.expectNoOutput();
    assert.equal(step.take().length, 2);
  });

  test('bounds observations of ours in all', () => {
    const step = new LockStep({ limits: { maxObservations: 1 } });
    step.run((endpoint, now) => endpoint.observe(step.peer, get, now));
    step.run((endpoint, now) => endpoint.observe(step.peer, get, now));
    const ended = step.output('observation-ended');
    assert.deepEqual([ended.reason, ended.failure], ['failed', 'overloaded']);
    assert.equal(step.endpoint.sizes.observations, 1);
  });
});

describe('Messages (CR-6.1, CR-11.7)', () => {
  test('have tokens of up to 8 bytes, or longer ones when told so (RFC 8974)', () => {
    const step = new LockStep({ message: { maxTokenLength: 32 } });
    const token = '0102030405060708090a0b0c0d0e0f10';
    step.receive(`4d01000103${token}b178`);
    const [answer] = step.take();
    assert.equal(
      answer === undefined ? '' : hexEncode(answer.datagram.subarray(0, 21)),
      `6d45000103${token}`,
    );
    const strict = new LockStep();
    strict.receive(`4d01000103${token}b178`);
    strict.expect({ type: 'rst', mid: 1 });
  });

  test('are no larger than told', () => {
    const step = new LockStep({ message: { maxMessageSize: 300 } });
    step.peer = { ...step.peer, security: { kind: 'psk', identity: 'a' } };
    step.handler = () => ({ code: 0x45, payload: new Uint8Array(1000) });
    step.send({ type: 'con', code: '0.01', mid: 1, path: 'x' });
    assert.equal(step.expect({ type: 'ack', code: '2.05' }).payloadLength, 256);
    const put = { method: Method.put, uriPath: ['x'], payload: new Uint8Array(1000) } as const;
    step.run((endpoint, now) => endpoint.request(step.peer, put, now));
    assert.equal(step.expect({ type: 'con', code: '0.03' }).payloadLength, 256);
  });
});

describe('Forgetting a peer', () => {
  test('fails its requests, ends its observations and relations, and leaves nothing', () => {
    const step = new LockStep();
    step.handler = () => 'wait';
    step.run((endpoint, now) => endpoint.request(step.peer, get, now));
    step.run((endpoint, now) => endpoint.request(step.peer, get, now));
    step.run((endpoint, now) => endpoint.observe(step.peer, get, now));
    step.run((endpoint, now) => endpoint.ping(step.peer, now));
    step.send({ type: 'con', code: '0.01', mid: 1, path: 'slow' });
    step.handler = () => ({ code: 0x45, payload: new Uint8Array(3000) });
    step.send({ type: 'con', code: '0.02', mid: 2, token: '#aa', path: 'x', observe: 0 });
    const { exchange } = step.output('request');
    step.run((endpoint, now) => endpoint.forgetPeer(step.peer, now));
    step.take();
    assert.equal(step.output('observation-ended').reason, 'cancelled');
    assert.equal(step.output('request-failed').reason, 'cancelled');
    assert.equal(step.output('request-failed').reason, 'cancelled');
    step.expectNoOutput();
    const { peers, receivedMessages, timers, ...others } = step.endpoint.sizes;
    assert.deepEqual(
      Object.entries(others).filter(([, size]) => size !== 0),
      [],
    );
    assert.deepEqual([peers, receivedMessages, timers], [1, 2, 1]);
    step.respond(exchange, { code: 0x45 });
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });

  test('recognises what the peer repeats all the same (RFC 7252 §4.5)', () => {
    const step = new LockStep();
    const request = step.send({ type: 'con', code: '0.04', mid: 1, path: 'rd/1' });
    step.expect({ type: 'ack', code: '2.05', mid: 1 });
    step.run((endpoint, now) => endpoint.forgetPeer(step.peer, now));
    step.receive(request);
    step.expect({ type: 'ack', code: '2.05', mid: 1 });
    assert.equal(step.handled, 1);
  });
});
