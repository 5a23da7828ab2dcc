import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds } from '@dunlin/base';
import { Method, OptionNumber, type RequestOptions, ResponseCode, udpPeer } from '@dunlin/coap';

import { bytes, LockStep } from '../support/lock-step.ts';

function ask(step: LockStep, path: string, options: RequestOptions = {}): void {
  step.run((endpoint, now) =>
    endpoint.request(step.peer, { method: Method.get, uriPath: [path] }, now, options),
  );
}

describe('NSTART (CR-7.1, RFC 7252 §4.7)', () => {
  test('keeps one interaction with a peer outstanding and lets the others wait in order', () => {
    const step = new LockStep();
    for (const path of ['a', 'b', 'c']) ask(step, path);
    for (const path of ['a', 'b', 'c']) {
      step.expect({ type: 'con', code: '0.01', mid: path, token: `t-${path}`, path });
      step.expectSilence();
      step.send({ type: 'ack', code: '2.05', mid: path, token: `t-${path}` });
      step.output('response');
    }
    step.expectEmptyInTheEnd();
  });

  test('does not hold back requests to other peers', () => {
    const step = new LockStep();
    ask(step, 'a');
    step.run((endpoint, now) =>
      endpoint.request(udpPeer('192.0.2.9', 1), { method: Method.get, uriPath: ['b'] }, now),
    );
    step.expect({ type: 'con', code: '0.01', path: 'a' });
    step.expect({ type: 'con', code: '0.01', path: 'b' });
  });

  test('goes on after an empty acknowledgement, up to a number of unanswered requests', () => {
    const step = new LockStep({ limits: { maxUnansweredPerPeer: 2 } });
    for (const path of ['a', 'b', 'c']) ask(step, path);
    step.expect({ type: 'con', code: '0.01', mid: 'a', token: 't-a', path: 'a' });
    step.send({ type: 'ack', mid: 'a' });
    step.expect({ type: 'con', code: '0.01', mid: 'b', token: 't-b', path: 'b' });
    step.send({ type: 'ack', mid: 'b' });
    step.expectSilence();
    step.send({ type: 'con', code: '2.05', mid: 70, token: 't-a' });
    step.expect({ type: 'ack', mid: 70 });
    step.expect({ type: 'con', code: '0.01', path: 'c' });
  });

  test('sends responses and acknowledgements at once while a request of ours is outstanding', () => {
    const step = new LockStep();
    ask(step, 'a');
    step.expect({ type: 'con', code: '0.01', path: 'a' });
    step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'test' });
    step.expect({ type: 'ack', code: '2.05', mid: 5 });
    step.handler = () => 'wait';
    step.send({ type: 'con', code: '0.01', mid: 6, token: '#bb', path: 'slow' });
    step.advance(500);
    step.expect({ type: 'ack', mid: 6 });
    step.respond(step.output('request').exchange, { code: ResponseCode.content });
    step.expect({ type: 'con', code: '2.05', token: '#bb' });
  });

  test('allows more when the parameter says so', () => {
    const step = new LockStep({ transmission: { nstart: 3 } });
    for (const path of ['a', 'b', 'c', 'd']) ask(step, path);
    assert.equal(step.take().length, 3);
  });

  test('fails what does not fit into the queue with `overloaded` (CR-11.4)', () => {
    const step = new LockStep({ limits: { maxQueuedPerPeer: 2 } });
    for (const path of ['a', 'b', 'c', 'd']) ask(step, path);
    assert.equal(step.take().length, 1);
    assert.equal(step.output('request-failed').reason, 'overloaded');
    step.expectNoOutput();
    step.advance(300_000);
    step.expectEmptyInTheEnd();
  });

  test('begins the next when one is cancelled while it waits or while it is outstanding', () => {
    const step = new LockStep();
    const ids = ['a', 'b', 'c'].map((path) =>
      step.run((endpoint, now) => endpoint.request(step.peer, { method: Method.get, uriPath: [path] }, now)),
    );
    step.expect({ type: 'con', code: '0.01', path: 'a' });
    for (const id of ids.slice(0, 2).reverse()) step.run((endpoint, now) => endpoint.cancelRequest(id, now));
    assert.equal(step.output('request-failed').reason, 'cancelled');
    assert.equal(step.output('request-failed').reason, 'cancelled');
    step.expect({ type: 'con', code: '0.01', path: 'c' });
    step.expectSilence();
  });

  test('begins nothing that is cancelled in the same turn as what it waits for', () => {
    const step = new LockStep();
    const [a, b] = ['a', 'b', 'c'].map((path) =>
      step.run((endpoint, now) => endpoint.request(step.peer, { method: Method.get, uriPath: [path] }, now)),
    );
    const observation = step.run((endpoint, now) =>
      endpoint.observe(step.peer, { method: Method.get, uriPath: ['d'] }, now),
    );
    step.expect({ type: 'con', code: '0.01', path: 'a' });
    assert.ok(a !== undefined && b !== undefined);
    step.run((endpoint, now) => {
      assert.deepEqual([endpoint.hasBegun(a), endpoint.hasBegun(b)], [true, false]);
      endpoint.cancelRequest(a, now);
      endpoint.cancelRequest(b, now);
      endpoint.cancelObservation(observation, 'passive', now);
    });
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't', path: 'c' });
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't' });
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });

  test('fails with `no-answer` what has waited too long for its turn (CR-4.7)', () => {
    const step = new LockStep({ limits: { maxQueueTime: milliseconds(100_000) } });
    for (const path of ['a', 'b', 'c']) ask(step, path);
    step.advance(30_000);
    step.run((endpoint, now) => endpoint.observe(step.peer, { method: Method.get, uriPath: ['d'] }, now));
    // Each is given up 62 s after it began: the third would begin too late, the fourth does not.
    step.advance(70_000);
    assert.equal(step.output('request-failed').reason, 'no-answer');
    assert.equal(step.output('request-failed').reason, 'no-answer');
    step.expectNoOutput();
    step.advance(24_000);
    assert.equal(step.output('request-failed').reason, 'no-answer');
    step.advance(61_999);
    step.expectNoOutput();
    step.advance(1);
    assert.equal(step.output('observation-ended').failure, 'no-answer');
    const paths = step.take().map(({ datagram }) => String.fromCharCode(datagram.at(-1) ?? 0));
    assert.deepEqual(new Set(paths), new Set(['a', 'b', 'd']));
    step.expectEmptyInTheEnd();
  });
});

describe('PROBING_RATE (CR-7.3, RFC 7252 §4.7)', () => {
  test('sends non-confirmable requests at 1 byte a second while nothing comes back', () => {
    const step = new LockStep();
    const start = step.now;
    for (const path of ['a', 'b', 'c']) ask(step, path, { isConfirmable: false });
    step.advance(100_000);
    const sent = step.take();
    assert.equal(sent.length, 3);
    const length = sent[0]?.datagram.length ?? 0;
    assert.deepEqual(
      sent.map(({ at }) => at - start),
      [0, length * 1000, length * 2000],
    );
  });

  test('goes on at once when the peer answers', () => {
    const step = new LockStep();
    for (const path of ['a', 'b']) ask(step, path, { isConfirmable: false });
    step.expect({ type: 'non', code: '0.01', token: 't', path: 'a' });
    step.send({ type: 'non', code: '2.05', mid: 1, token: 't' });
    step.expect({ type: 'non', code: '0.01', path: 'b' });
  });

  test('leaves a peer alone that did not acknowledge until its last datagram is paid off', () => {
    const step = new LockStep();
    const long = 'x'.repeat(100);
    ask(step, long);
    ask(step, 'b');
    step.advance(62_000);
    assert.equal(step.take().length, 5);
    assert.equal(step.output('request-failed').reason, 'no-answer');
    const length = 4 + 8 + 2 + 100;
    step.advance(30_000 + length * 1000 - 62_000 - 1);
    step.expectSilence();
    step.advance(1);
    step.expect({ type: 'con', code: '0.01', path: 'b' });
  });

  test('goes on at once when the layer below says that the peer responds, and toward that one only', () => {
    const step = new LockStep();
    ask(step, 'x'.repeat(100));
    ask(step, 'b');
    step.advance(62_000);
    assert.equal(step.take().length, 5);
    step.run((endpoint, now) => endpoint.peerResponds(udpPeer('192.0.2.99', 5683), now));
    step.expectSilence();
    step.run((endpoint, now) => endpoint.peerResponds(step.peer, now));
    step.expect({ type: 'con', code: '0.01', path: 'b' });
  });

  test('forgives it at the first sign of life', () => {
    const step = new LockStep();
    ask(step, 'x'.repeat(100));
    ask(step, 'b');
    step.advance(62_000);
    step.take();
    step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'test' });
    step.expect({ type: 'con', code: '0.01', path: 'b' });
    step.expect({ type: 'ack', code: '2.05', mid: 5 });
  });
});

describe('Pauses (CR-7.6, CR-7.7)', () => {
  for (const code of ['4.29', '5.03']) {
    test(`heeds ${code} with Max-Age as a time to wait (RFC 8516, RFC 7252 §5.9.3.4)`, () => {
      const step = new LockStep();
      ask(step, 'a');
      ask(step, 'b');
      step.expect({ type: 'con', code: '0.01', mid: 'a', token: 't' });
      const options = [{ number: OptionNumber.maxAge, value: 10 }];
      step.send({ type: 'ack', code, mid: 'a', token: 't', options });
      step.output('response');
      step.advance(9999);
      step.expectSilence();
      step.advance(1);
      step.expect({ type: 'con', code: '0.01', path: 'b' });
    });
  }

  test('waits no longer than a limit of ours', () => {
    const step = new LockStep({ limits: { maxRetryAfter: milliseconds(1000) } });
    ask(step, 'a');
    ask(step, 'b');
    step.expect({ type: 'con', code: '0.01', mid: 'a', token: 't' });
    const options = [{ number: OptionNumber.maxAge, value: 100_000 }];
    step.send({ type: 'ack', code: '5.03', mid: 'a', token: 't', options });
    step.advance(1000);
    step.expect({ type: 'con', code: '0.01', path: 'b' });
  });

  test('begins with all peers together no faster than a rate', () => {
    const step = new LockStep({ limits: { startsPerSecond: 10, startBurst: 5 } });
    const start = step.now;
    for (let port = 1; port <= 25; port += 1) {
      step.run((endpoint, now) =>
        endpoint.request(
          udpPeer('192.0.2.9', port),
          { method: Method.put, uriPath: ['x'], payload: bytes('1') },
          now,
        ),
      );
    }
    assert.equal(step.take().length, 5);
    step.advance(1000);
    const later = new Set(step.take().map(({ at, to }) => `${to.port} ${at - start}`));
    assert.equal(later.size, 10);
  });
});
