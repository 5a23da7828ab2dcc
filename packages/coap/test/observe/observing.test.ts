import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { addDuration, DunlinError, milliseconds } from '@dunlin/base';
import {
  Method,
  type ObservationId,
  OptionNumber,
  type OutgoingOption,
  ResponseCode,
  udpPeer,
} from '@dunlin/coap';

import { bytes, LockStep } from '../support/lock-step.ts';

const request = { method: Method.get, uriPath: ['obs'], accept: 0 } as const;

/** A Block2 option. */
function block2(value: number): OutgoingOption {
  return { number: OptionNumber.block2, value };
}

/** An endpoint whose observation was accepted with sequence number `first`. */
function observing(first = 10): { readonly step: LockStep; readonly observation: ObservationId } {
  const step = new LockStep();
  const observation = step.run((endpoint, now) => endpoint.observe(step.peer, request, now));
  step.expect({
    type: 'con',
    code: '0.01',
    mid: 'm',
    token: 't',
    path: 'obs',
    observe: 0,
    has: { [OptionNumber.accept]: 0 },
  });
  step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't', observe: first, payload: 'first' });
  const notification = step.output('notification');
  assert.deepEqual([notification.isFirst, notification.isFresh], [true, true]);
  return { step, observation };
}

function notify(step: LockStep, mid: number, observe: number): void {
  step.send({ type: 'non', code: '2.05', mid, token: 't', observe, payload: `${observe}` });
}

describe('Registering an observation (CR-8.1, CR-8.4, RFC 7641 §3.1)', () => {
  test('sends Observe 0 as a zero-length value and delivers the first response as a notification', () => {
    const { step, observation } = observing();
    notify(step, 1, 11);
    const notification = step.output('notification');
    assert.equal(notification.observation, observation);
    assert.deepEqual(notification.response.payload, bytes('11'));
    assert.deepEqual([notification.isFirst, notification.isFresh], [false, true]);
    assert.equal(notification.response.observe, 11);
    step.expectSilence();
  });

  test('ends with `refused` when the response has no Observe option, or is an error', () => {
    for (const code of ['2.05', '4.04']) {
      const step = new LockStep();
      step.run((endpoint, now) => endpoint.observe(step.peer, request, now));
      step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
      step.send({ type: 'ack', code, mid: 'm', token: 't', payload: 'x' });
      const ended = step.output('observation-ended');
      assert.equal(ended.reason, 'refused');
      assert.deepEqual(ended.response?.payload, bytes('x'));
      step.expectEmptyInTheEnd();
    }
  });

  test('ends with `failed` when nobody answers or the request is rejected', () => {
    const silent = new LockStep();
    silent.run((endpoint, now) => endpoint.observe(silent.peer, request, now));
    silent.advance(93_000);
    const ended = silent.output('observation-ended');
    assert.deepEqual([ended.reason, ended.failure], ['failed', 'no-answer']);
    const rejected = new LockStep();
    rejected.run((endpoint, now) => endpoint.observe(rejected.peer, request, now));
    rejected.expect({ type: 'con', code: '0.01', mid: 'm' });
    rejected.send({ type: 'rst', mid: 'm' });
    assert.equal(rejected.output('observation-ended').failure, 'reset');
  });

  test('takes a notification that overtakes the response for it (CR-8.4)', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.observe(step.peer, request, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
    step.send({ type: 'con', code: '2.05', mid: 1, token: 't', observe: 12, payload: 'new' });
    step.expect({ type: 'ack', mid: 1 });
    assert.equal(step.output('notification').isFirst, true);
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't', observe: 11, payload: 'old' });
    step.expectNoOutput();
    step.advance(100_000);
    step.expectSilence();
    step.send({ type: 'non', code: '2.05', mid: 2, token: 't', observe: 13 });
    assert.equal(step.output('notification').isFirst, false);
  });

  test('a plain request to the same resource leaves the observation alone (OBS_10)', () => {
    const { step } = observing();
    step.run((endpoint, now) => endpoint.request(step.peer, request, now));
    step.expect({ type: 'con', code: '0.01', mid: 'g', token: 'u', observe: false });
    step.send({ type: 'ack', code: '2.05', mid: 'g', token: 'u', payload: 'plain' });
    assert.deepEqual(step.output('response').response.payload, bytes('plain'));
    notify(step, 1, 11);
    step.output('notification');
  });
});

describe('Freshness (CR-8.2, RFC 7641 §3.4)', () => {
  for (const [first, second, isFresh] of [
    [10, 11, true],
    [10, 9, false],
    [10, 10, false],
    [0, 2 ** 23 - 1, true],
    [0, 2 ** 23, false],
    [2 ** 24 - 1, 0, true],
    [2 ** 24 - 1, 2 ** 23 - 2, true],
    [2 ** 24 - 1, 2 ** 23 - 1, false],
    [2 ** 23 + 1, 0, true],
  ] as const) {
    test(`${second} after ${first} is ${isFresh ? 'newer' : 'not newer'}`, () => {
      const { step } = observing(first);
      notify(step, 1, second);
      assert.equal(step.output('notification').isFresh, isFresh);
    });
  }

  test('anything is newer more than 128 s after the last accepted one, not before', () => {
    const { step } = observing(10);
    step.advance(128_000);
    notify(step, 1, 5);
    assert.equal(step.output('notification').isFresh, false);
    step.advance(1);
    notify(step, 2, 5);
    assert.equal(step.output('notification').isFresh, true);
    notify(step, 3, 6);
    assert.equal(step.output('notification').isFresh, true);
  });

  test('a stale notification is delivered, marked, acknowledged and does not count as the newest', () => {
    const { step } = observing(10);
    step.send({ type: 'con', code: '2.05', mid: 1, token: 't', observe: 20 });
    step.expect({ type: 'ack', mid: 1 });
    assert.equal(step.output('notification').isFresh, true);
    step.send({ type: 'con', code: '2.05', mid: 2, token: 't', observe: 15 });
    step.expect({ type: 'ack', mid: 2 });
    assert.equal(step.output('notification').isFresh, false);
    notify(step, 3, 18);
    assert.equal(step.output('notification').isFresh, false);
    notify(step, 4, 21);
    assert.equal(step.output('notification').isFresh, true);
  });
});

describe('Notifications (CR-8.3, CR-8.5)', () => {
  test('acknowledges a repeated confirmable one again and delivers it once', () => {
    const { step } = observing();
    const datagram = step.send({ type: 'con', code: '2.05', mid: 1, token: 't', observe: 11 });
    step.expect({ type: 'ack', mid: 1 });
    step.output('notification');
    step.receive(datagram);
    step.expect({ type: 'ack', mid: 1 });
    step.expectSilence();
    step.expectNoOutput();
  });

  test('rejects one with an unknown token, once and never with an acknowledgement beside (OBS_06)', () => {
    const step = new LockStep();
    step.send({ type: 'con', code: '2.05', mid: 1, token: '#0102', observe: 3 });
    step.expect({ type: 'rst', mid: 1 });
    step.send({ type: 'non', code: '2.05', mid: 2, token: '#0102', observe: 4 });
    step.expect({ type: 'rst', mid: 2 });
    step.expectSilence();
    step.expectNoOutput();
    assert.equal(step.endpoint.sizes.peers, 0);
  });

  test('is silent about an unknown non-confirmable one when told so (CR-4.11)', () => {
    const step = new LockStep({ behaviour: { resetUnknownNon: false } });
    step.send({ type: 'non', code: '2.05', mid: 2, token: '#0102', observe: 4 });
    step.expectSilence();
  });

  test('rejects one from another address than that which is observed', () => {
    const { step } = observing();
    step.send({ type: 'con', code: '2.05', mid: 1, token: 't', observe: 11 }, udpPeer('192.0.2.99', 5683));
    step.expect({ type: 'rst', mid: 1 });
    step.expectNoOutput();
  });

  test('an error, or a success without Observe, ends the observation (CR-8.5, OBS_07)', () => {
    for (const code of ['4.04', '5.00', '2.05']) {
      const { step } = observing();
      step.send({ type: 'con', code, mid: 1, token: 't', payload: 'bye' });
      step.expect({ type: 'ack', mid: 1 });
      const ended = step.output('observation-ended');
      assert.equal(ended.reason, 'ended-by-peer');
      assert.deepEqual(ended.response?.payload, bytes('bye'));
      step.send({ type: 'con', code: '2.05', mid: 2, token: 't', observe: 12 });
      step.expect({ type: 'rst', mid: 2 });
      step.expectEmptyInTheEnd();
    }
  });

  test('one with an unknown critical option is rejected and ends the observation', () => {
    const { step } = observing();
    step.send({
      type: 'con',
      code: '2.05',
      mid: 1,
      token: 't',
      observe: 11,
      options: [{ number: 9999, value: 1 }],
    });
    step.expect({ type: 'rst', mid: 1 });
    assert.equal(step.output('observation-ended').failure, 'malformed-response');
  });
});

describe('Cancelling an observation of ours (CR-8.7, RFC 7641 §3.6)', () => {
  test('passively: forgets the token and rejects the next notification', () => {
    const { step, observation } = observing();
    step.run((endpoint, now) => endpoint.cancelObservation(observation, 'passive', now));
    assert.equal(step.output('observation-ended').reason, 'cancelled');
    step.expectSilence();
    step.send({ type: 'con', code: '2.05', mid: 1, token: 't', observe: 11 });
    step.expect({ type: 'rst', mid: 1 });
    step.expectNoOutput();
    assert.equal(
      step.run((endpoint) => endpoint.observationRecord(observation)),
      undefined,
    );
    step.expectEmptyInTheEnd();
  });

  test('actively: asks with Observe 1, the same token and the same options (OBS_12)', () => {
    const { step, observation } = observing();
    step.run((endpoint, now) => endpoint.cancelObservation(observation, 'active', now));
    step.expect({
      type: 'con',
      code: '0.01',
      mid: 'c',
      token: 't',
      path: 'obs',
      observe: 1,
      has: { [OptionNumber.accept]: 0 },
    });
    step.send({ type: 'ack', code: '2.05', mid: 'c', token: 't', payload: 'last' });
    const ended = step.output('observation-ended');
    assert.equal(ended.reason, 'cancelled');
    assert.deepEqual(ended.response?.payload, bytes('last'));
    step.send({ type: 'con', code: '2.05', mid: 1, token: 't', observe: 12 });
    step.expect({ type: 'rst', mid: 1 });
    step.expectEmptyInTheEnd();
  });

  test('takes no notification that was under way for the answer to the cancellation', () => {
    const { step, observation } = observing();
    step.run((endpoint, now) => endpoint.cancelObservation(observation, 'active', now));
    step.expect({ type: 'con', code: '0.01', mid: 'c', token: 't', observe: 1 });
    step.send({ type: 'con', code: '2.05', mid: 1, token: 't', observe: 11 });
    step.expect({ type: 'ack', mid: 1 });
    step.expectNoOutput();
    step.advance(2000);
    step.expect({ type: 'con', code: '0.01', mid: 'c', token: 't', observe: 1 });
    step.send({ type: 'con', code: '2.05', mid: 2, token: 't', payload: 'separate' });
    step.expect({ type: 'ack', mid: 2 });
    assert.deepEqual(step.output('observation-ended').response?.payload, bytes('separate'));
  });

  test('ends all the same when nobody answers the cancellation', () => {
    const { step, observation } = observing();
    step.run((endpoint, now) => endpoint.cancelObservation(observation, 'active', now));
    step.advance(93_000);
    const ended = step.output('observation-ended');
    assert.deepEqual([ended.reason, ended.response], ['cancelled', undefined]);
    step.take();
    step.expectEmptyInTheEnd();
  });

  test('works while the registration has no answer yet', () => {
    for (const way of ['active', 'passive'] as const) {
      const step = new LockStep();
      const observation = step.run((endpoint, now) => endpoint.observe(step.peer, request, now));
      step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't', observe: 0 });
      step.run((endpoint, now) => endpoint.cancelObservation(observation, way, now));
      if (way === 'active') {
        step.expect({ type: 'con', code: '0.01', mid: 'c', token: 't', observe: 1 });
        step.send({ type: 'ack', code: '2.05', mid: 'c', token: 't' });
      }
      assert.equal(step.output('observation-ended').reason, 'cancelled');
      step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't', observe: 1 });
      step.expectNoOutput();
      step.expectSilence();
      step.expectEmptyInTheEnd();
    }
  });
});

describe('Observations that outlive the process or the address (CR-8.8)', () => {
  test('are taken up again from their record', () => {
    const { step, observation } = observing();
    const record = step.run((endpoint) => endpoint.observationRecord(observation));
    assert.ok(record !== undefined);
    const later = new LockStep();
    const restored = later.run((endpoint, now) => endpoint.restoreObservation(record, now));
    later.variables.set('t', String(step.variables.get('t')));
    later.send({ type: 'con', code: '2.05', mid: 1, token: 't', observe: 11, payload: 'again' });
    later.expect({ type: 'ack', mid: 1 });
    const notification = later.output('notification');
    assert.equal(notification.observation, restored);
    assert.deepEqual([notification.isFirst, notification.isFresh], [false, true]);
    later.run((endpoint, now) => endpoint.cancelObservation(restored, 'active', now));
    later.expect({ type: 'con', code: '0.01', token: 't', path: 'obs', observe: 1 });
    assert.throws(
      () => later.run((endpoint, now) => endpoint.restoreObservation(record, now)),
      (error) => DunlinError.is(error),
    );
  });

  test('know an old notification after a restart as well (CR-8.2)', () => {
    const { step, observation } = observing();
    step.send({ type: 'non', code: '2.05', mid: 1, token: 't', observe: 12 });
    const record = step.run((endpoint) => endpoint.observationRecord(observation));
    assert.ok(record !== undefined);
    assert.deepEqual(record.newest, { sequence: 12, at: step.now });
    const later = new LockStep();
    later.now = addDuration(step.now, milliseconds(1000));
    later.run((endpoint, now) => endpoint.restoreObservation(record, now));
    later.variables.set('t', String(step.variables.get('t')));
    for (const [sequence, isFresh] of [
      [11, false],
      [12, false],
      [13, true],
    ] as const) {
      later.send({ type: 'non', code: '2.05', mid: sequence, token: 't', observe: sequence });
      assert.equal(later.output('notification').isFresh, isFresh);
    }
    later.advance(128_001);
    later.send({ type: 'non', code: '2.05', mid: 1, token: 't', observe: 1 });
    assert.equal(later.output('notification').isFresh, true);
  });

  test('follow the device to its new address', () => {
    const { step, observation } = observing();
    const moved = udpPeer('198.51.100.1', 1234);
    step.run((endpoint, now) => endpoint.moveObservation(observation, moved, now));
    step.send({ type: 'con', code: '2.05', mid: 1, token: 't', observe: 11 }, moved);
    step.expect({ type: 'ack', mid: 1 });
    assert.equal(step.output('notification').peer.address, moved.address);
    step.send({ type: 'con', code: '2.05', mid: 2, token: 't', observe: 12 });
    step.expect({ type: 'rst', mid: 2 });
  });

  test('are registered and cancelled at the new address when that was under way, with the same token', () => {
    const step = new LockStep();
    const observation = step.run((endpoint, now) => endpoint.observe(step.peer, request, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't', path: 'obs', observe: 0 });
    const [second, third] = [udpPeer('198.51.100.1', 1234), udpPeer('198.51.100.2', 1234)];
    step.run((endpoint, now) => endpoint.moveObservation(observation, second, now));
    step.expect({ type: 'con', code: '0.01', mid: 'n', token: 't', path: 'obs', observe: 0 });
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't', observe: 9 });
    step.expectNoOutput();
    step.send({ type: 'ack', code: '2.05', mid: 'n', token: 't', observe: 10 }, second);
    assert.equal(step.output('notification').isFirst, true);
    step.run((endpoint, now) => endpoint.cancelObservation(observation, 'active', now));
    step.expect({ type: 'con', code: '0.01', mid: 'o', token: 't', path: 'obs', observe: 1 });
    step.run((endpoint, now) => endpoint.moveObservation(observation, third, now));
    step.expect({ type: 'con', code: '0.01', mid: 'p', token: 't', path: 'obs', observe: 1 });
    step.send({ type: 'ack', code: '2.05', mid: 'p', token: 't' }, third);
    assert.equal(step.output('observation-ended').reason, 'cancelled');
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });
});

describe('Registering again (CR-8.6, RFC 7641 §3.3.1, OBS_04)', () => {
  const maxAge = { number: OptionNumber.maxAge, value: 30 };

  test('happens with the same token when nothing came for Max-Age and 5 to 15 s, if that is wanted', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.observe(step.peer, request, now, { renew: true }));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't', observe: 0 });
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't', observe: 100, options: [maxAge] });
    step.output('notification');
    step.advance(20_000);
    step.send({ type: 'non', code: '2.05', mid: 1, token: 't', observe: 101, options: [maxAge] });
    step.output('notification');
    step.advance(34_999);
    step.expectSilence();
    step.advance(1);
    step.expect({ type: 'con', code: '0.01', mid: 'again', token: 't', path: 'obs', observe: 0 });
    step.send({ type: 'ack', code: '2.05', mid: 'again', token: 't', observe: 1, payload: 'new' });
    const notification = step.output('notification');
    assert.deepEqual([notification.isFirst, notification.isFresh], [false, true]);
    step.advance(64_999);
    step.expectSilence();
    step.advance(1);
    step.expect({ type: 'con', code: '0.01', mid: 'third', token: 't', observe: 0 });
    step.send({ type: 'ack', code: '4.04', mid: 'third', token: 't' });
    step.output('observation-ended');
    step.expectEmptyInTheEnd();
  });

  test('does not happen unless it is wanted', () => {
    const { step } = observing();
    step.advance(1_000_000);
    step.expectSilence();
  });
});

describe('Large notifications (CR-9.12, RFC 7959 §3.4)', () => {
  const first = bytes('0123456789abcdef');

  test('fetches the rest with GET, another token and without Observe (OBS_13)', () => {
    const { step } = observing();
    step.send({
      type: 'con',
      code: '2.05',
      mid: 1,
      token: 't',
      observe: 11,
      payload: first,
      options: [block2(8)],
    });
    step.expect({ type: 'ack', mid: 1 });
    step.expect({
      type: 'con',
      code: '0.01',
      mid: 'r',
      token: 'u',
      path: 'obs',
      observe: false,
      has: { [OptionNumber.block2]: 0x10 },
    });
    assert.notEqual(step.variables.get('u'), step.variables.get('t'));
    step.expectNoOutput();
    step.send({ type: 'ack', code: '2.05', mid: 'r', token: 'u', payload: 'end', options: [block2(0x10)] });
    const { response, isFresh } = step.output('notification');
    assert.deepEqual(response.payload, bytes('0123456789abcdefend'));
    assert.deepEqual([response.observe, isFresh], [11, true]);
  });

  test('fetches the rest of the first response too', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.observe(step.peer, request, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't', observe: 0 });
    step.send({
      type: 'ack',
      code: '2.05',
      mid: 'm',
      token: 't',
      observe: 1,
      payload: first,
      options: [block2(8)],
    });
    step.expect({ type: 'con', code: '0.01', mid: 'r', token: 'u', observe: false });
    step.send({ type: 'ack', code: '2.05', mid: 'r', token: 'u', payload: 'x', options: [block2(0x10)] });
    assert.equal(step.output('notification').isFirst, true);
  });

  test('a newer notification stops the fetch, an older one does not', () => {
    const { step } = observing();
    step.send({
      type: 'non',
      code: '2.05',
      mid: 1,
      token: 't',
      observe: 11,
      payload: first,
      options: [block2(8)],
    });
    step.expect({ type: 'con', code: '0.01', mid: 'r', token: 'u' });
    step.send({ type: 'non', code: '2.05', mid: 2, token: 't', observe: 9, payload: 'old' });
    assert.equal(step.output('notification').isFresh, false);
    step.send({
      type: 'non',
      code: '2.05',
      mid: 3,
      token: 't',
      observe: 9,
      payload: first,
      options: [block2(8)],
    });
    step.expectNoOutput();
    step.send({
      type: 'non',
      code: '2.05',
      mid: 4,
      token: 't',
      observe: 12,
      payload: first,
      options: [block2(8)],
    });
    step.expect({ type: 'con', code: '0.01', mid: 'r2', token: 'u2', has: { [OptionNumber.block2]: 0x10 } });
    step.send({ type: 'ack', code: '2.05', mid: 'r', token: 'u', payload: 'late', options: [block2(0x10)] });
    step.expectNoOutput();
    step.send({ type: 'non', code: '2.05', mid: 5, token: 't', observe: 13, payload: 'small' });
    assert.deepEqual(step.output('notification').response.payload, bytes('small'));
    step.advance(100_000);
    step.expectSilence();
  });

  test('ends the observation when the first content cannot be had, and passes over later failures', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.observe(step.peer, request, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't', observe: 0 });
    step.send({
      type: 'ack',
      code: '2.05',
      mid: 'm',
      token: 't',
      observe: 1,
      payload: first,
      options: [block2(8)],
    });
    step.expect({ type: 'con', code: '0.01', mid: 'r' });
    step.send({ type: 'rst', mid: 'r' });
    assert.equal(step.output('observation-ended').failure, 'reset');
    const later = observing().step;
    later.send({
      type: 'non',
      code: '2.05',
      mid: 1,
      token: 't',
      observe: 11,
      payload: first,
      options: [block2(8)],
    });
    later.expect({ type: 'con', code: '0.01', mid: 'r' });
    later.send({ type: 'rst', mid: 'r' });
    later.expectNoOutput();
    notify(later, 2, 12);
    assert.equal(later.output('notification').response.code, ResponseCode.content);
  });

  test('asks for the block size that was chosen at the registration', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.observe(step.peer, request, now, { preferredBlockSize: 64 }));
    step.expect({ type: 'con', code: '0.01', observe: 0, has: { [OptionNumber.block2]: 2 } });
  });
});
