import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { hexEncode, milliseconds, seededRandom } from '@dunlin/base';
import { Method, transmissionDefaults, transmissionTiming } from '@dunlin/coap';

import { fixedRandom, LockStep } from '../support/lock-step.ts';

const get = { method: Method.get, uriPath: ['test'] } as const;

describe('Transmission parameters (CR-4, RFC 7252 §4.8)', () => {
  test('derives the times of RFC 7252 §4.8.2, table 3', () => {
    const timing = transmissionTiming(transmissionDefaults);
    assert.deepEqual(
      [timing.ackTimeout, timing.ackRandomFactor, timing.maxRetransmit, timing.nstart, timing.probingRate],
      [2000, 1.5, 4, 1, 1],
    );
    assert.equal(timing.maxTransmitSpan, 45_000);
    assert.equal(timing.maxTransmitWait, 93_000);
    assert.equal(timing.maxLatency, 100_000);
    assert.equal(timing.processingDelay, 2000);
    assert.equal(timing.maxRtt, 202_000);
    assert.equal(timing.exchangeLifetime, 247_000);
    assert.equal(timing.nonLifetime, 145_000);
  });

  test('waits at most a quarter of ACK_TIMEOUT and 500 ms for a piggybacked response (CR-4.5)', () => {
    assert.equal(transmissionTiming(transmissionDefaults).piggybackWindow, 500);
    assert.equal(
      transmissionTiming({ ...transmissionDefaults, ackTimeout: milliseconds(1000) }).piggybackWindow,
      250,
    );
    assert.equal(
      transmissionTiming({ ...transmissionDefaults, ackTimeout: milliseconds(20_000) }).piggybackWindow,
      500,
    );
  });
});

describe('Retransmission (CR-4, RFC 7252 §4.2)', () => {
  for (const [jitter, schedule, failure] of [
    [0, [0, 2000, 6000, 14_000, 30_000], 62_000],
    [1, [0, 3000, 9000, 21_000, 45_000], 93_000],
  ] as const) {
    test(`sends at ${schedule.join(', ')} ms and fails at ${failure} ms (RFC 7252 §4.2)`, () => {
      const step = new LockStep({ random: fixedRandom(jitter) });
      const start = step.now;
      const id = step.run((endpoint, now) => endpoint.request(step.peer, get, now));
      step.advance(failure - 1);
      step.expectNoOutput();
      const sent = step.take();
      assert.deepEqual(
        sent.map(({ at }) => at - start),
        schedule,
      );
      assert.equal(new Set(sent.map(({ datagram }) => hexEncode(datagram))).size, 1);
      step.advance(1);
      assert.deepEqual(step.output('request-failed'), {
        kind: 'request-failed',
        request: id,
        reason: 'no-answer',
      });
      step.expectSilence();
      step.expectEmptyInTheEnd();
    });
  }

  test('draws the first wait between ACK_TIMEOUT and ACK_TIMEOUT × ACK_RANDOM_FACTOR (RFC 7252 §4.2)', () => {
    const waits: number[] = [];
    for (let seed = 0; seed < 200; seed += 1) {
      const step = new LockStep({ random: seededRandom(seed) });
      step.run((endpoint, now) => endpoint.request(step.peer, get, now));
      const { deadline } = step.endpoint;
      assert.ok(deadline !== undefined);
      waits.push(deadline - step.now);
    }
    assert.ok(Math.min(...waits) >= 2000 && Math.max(...waits) <= 3000);
    assert.ok(Math.min(...waits) < 2050 && Math.max(...waits) > 2950);
  });

  test('takes other parameters for one peer, such as no retransmission over SMS (CR-1.4)', () => {
    const step = new LockStep({
      transmissionFor: ({ transport }) =>
        transport === 'sms' ? { maxRetransmit: 0, ackTimeout: milliseconds(60_000) } : undefined,
    });
    const phone = { ...step.peer, key: 'sms:1', transport: 'sms' } as const;
    step.run((endpoint, now) => endpoint.request(phone, get, now));
    step.advance(59_999);
    assert.equal(step.take().length, 1);
    step.expectNoOutput();
    step.advance(1);
    assert.equal(step.output('request-failed').reason, 'no-answer');
  });

  test('a malformed acknowledgement does not stop it (CR-2.1, N10, N21)', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.request(step.peer, get, now));
    const { messageId } = step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
    const id = messageId.toString(16).padStart(4, '0');
    step.receive(`6000${id}ff`);
    step.receive(`6145${id}aab874696d65`);
    step.receive(`7000${id}ff01`);
    step.receive(`6101${id}aa`);
    step.receive(`7145${id}aa`);
    step.expectSilence();
    step.expectNoOutput();
    step.advance(2000);
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
  });

  test('an empty acknowledgement or Reset with a token stops it when it is from a peer known for that (CR-12)', () => {
    const old = '192.0.2.9';
    for (const first of ['61', '71']) {
      const step = new LockStep({ takesEmptyWithTokenFrom: ({ address }) => address === old });
      const other = step.peer;
      const peer = { ...other, key: `udp:${old}:40000`, address: old };
      step.run((endpoint, now) => endpoint.request(other, get, now));
      const { messageId: otherId } = step.expect({ type: 'con', code: '0.01' });
      step.run((endpoint, now) => endpoint.request(peer, get, now));
      const { messageId } = step.expect({ type: 'con', code: '0.01' });
      const [otherText, text] = [otherId, messageId].map((id) => id.toString(16).padStart(4, '0'));
      // What else is wrong with an empty message stays wrong, and so does a token in a ping.
      step.receive(`${first}00${text}aaff01`, peer);
      step.receive(`${first}00${text}aa11`, peer);
      step.receive(`6200${text}aa`, peer);
      step.receive(`6900${text}aaaaaaaaaaaaaaaaaa`, peer);
      step.expectSilence();
      step.receive(`4100${text}aa`, peer);
      step.expect({ type: 'rst', mid: messageId });
      step.receive(`${first}00${text}aa`, peer);
      step.receive(`${first}00${otherText}aa`, other);
      if (first === '71') assert.equal(step.output('request-failed').reason, 'reset');
      step.advance(3000);
      step.expect({ type: 'con', code: '0.01', mid: otherId });
      step.expectSilence();
    }
  });

  test('an acknowledgement or Reset from another address does not stop it (CR-5.2)', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.request(step.peer, get, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
    const other = { ...step.peer, key: 'udp:192.0.2.8:40000', address: '192.0.2.8' };
    step.send({ type: 'ack', mid: 'm' }, other);
    step.send({ type: 'rst', mid: 'm' }, other);
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't' }, other);
    step.expectSilence();
    step.expectNoOutput();
    step.advance(2000);
    step.expect({ type: 'con', code: '0.01', mid: 'm' });
  });

  test('stops at an empty acknowledgement, a Reset and a response (RFC 7252 §4.2)', () => {
    for (const answer of ['ack', 'rst', 'response'] as const) {
      const step = new LockStep();
      step.run((endpoint, now) => endpoint.request(step.peer, get, now));
      step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
      if (answer === 'response') step.send({ type: 'non', code: '2.05', mid: 9, token: 't' });
      else step.send({ type: answer, mid: 'm' });
      step.advance(100_000);
      step.expectSilence();
      if (answer === 'rst') assert.equal(step.output('request-failed').reason, 'reset');
    }
  });
});

describe('Ping (CR-4.9, RFC 7252 §1.2, CORE_31)', () => {
  test('tells that the peer is alive by its Reset', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.ping(step.peer, now));
    const ping = step.expect({ type: 'con', mid: 'm', token: '#' });
    assert.equal(ping.length, 4);
    step.send({ type: 'rst', mid: 'm' });
    assert.equal(step.output('pong').isAlive, true);
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });

  test('repeats it and tells that the peer is not alive after MAX_TRANSMIT_WAIT', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.ping(step.peer, now));
    step.advance(62_000);
    assert.equal(step.take().length, 5);
    assert.equal(step.output('pong').isAlive, false);
    step.expectEmptyInTheEnd();
  });

  test('answers a ping with a Reset of 4 bytes and remembers nothing (CORE_31, M01, M02)', () => {
    const step = new LockStep();
    step.receive('40001234');
    assert.deepEqual(
      step.take().map(({ datagram }) => hexEncode(datagram)),
      ['70001234'],
    );
    assert.equal(step.endpoint.sizes.peers, 0);
  });
});
