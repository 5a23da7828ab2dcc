import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

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
    assert.deepEqual(
      Object.entries(step.endpoint.sizes).filter(([, size]) => size !== 0),
      [],
    );
    step.respond(exchange, { code: 0x45 });
    step.expectSilence();
    assert.equal(step.endpoint.deadline, undefined);
  });
});
