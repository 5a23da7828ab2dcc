import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds } from '@dunlin/base';
import {
  type RelationId,
  OptionNumber,
  type OutgoingOption,
  type Response,
  ResponseCode,
} from '@dunlin/coap';

import { bytes, LockStep } from '../support/lock-step.ts';

const day = 24 * 60 * 60 * 1000;

function content(text: string): Response {
  return { code: ResponseCode.content, contentFormat: 0, payload: bytes(text) };
}

/** A Block2 option. */
function block2(value: number): OutgoingOption {
  return { number: OptionNumber.block2, value };
}

/** An endpoint that a peer observes with token aa; the peer has security unless told otherwise. */
function observed(isSecured = true): { readonly step: LockStep; readonly relation: RelationId } {
  const step = new LockStep();
  if (isSecured) step.peer = { ...step.peer, key: 'psk:a', security: { kind: 'psk', identity: 'a' } };
  step.send({ type: 'con', code: '0.01', mid: 1, token: '#aa', path: 'obs', observe: 0 });
  step.expect({ type: 'ack', code: '2.05', mid: 1, token: '#aa', observe: 'any' });
  const [relation] = step.relations;
  assert.ok(relation !== undefined);
  return { step, relation };
}

function notify(step: LockStep, relation: RelationId, text: string, isConfirmable = false): void {
  step.run((endpoint, now) => endpoint.notify(relation, content(text), now, { isConfirmable }));
}

function sequenceOf(step: LockStep, type: 'con' | 'non'): number {
  const sequence = step
    .expect({ type, code: '2.05', token: '#aa', mid: `mid${step.variables.size}` })
    .options.uint(6);
  assert.ok(sequence !== undefined);
  return sequence;
}

describe('Entering and leaving the list of observers (CR-8.9, RFC 7641 §4.1)', () => {
  test('the same peer and token again replaces the entry', () => {
    const { step, relation } = observed();
    step.send({ type: 'con', code: '0.01', mid: 2, token: '#aa', path: 'obs', observe: 0 });
    step.expect({ type: 'ack', code: '2.05', mid: 2, observe: 'any' });
    assert.deepEqual(step.output('relation-ended'), { kind: 'relation-ended', relation, reason: 'replaced' });
    assert.equal(step.endpoint.sizes.relations, 1);
  });

  test('another token, or a request without Observe, leaves it alone (OBS_10)', () => {
    const { step, relation } = observed();
    step.send({ type: 'con', code: '0.01', mid: 2, token: '#bb', path: 'obs' });
    step.expect({ type: 'ack', code: '2.05', mid: 2, token: '#bb', observe: false });
    step.send({ type: 'con', code: '0.01', mid: 3, token: '#aa', path: 'obs' });
    step.expect({ type: 'ack', code: '2.05', mid: 3, observe: false });
    step.expectNoOutput();
    notify(step, relation, 'x');
    step.expect({ type: 'non', code: '2.05', token: '#aa', observe: 'any' });
  });

  test('Observe 1 takes it out and is answered without Observe (OBS_12)', () => {
    const { step, relation } = observed();
    step.send({ type: 'con', code: '0.01', mid: 2, token: '#aa', path: 'obs', observe: 1 });
    assert.equal(step.output('relation-ended').reason, 'deregistered');
    step.expect({ type: 'ack', code: '2.05', mid: 2, token: '#aa', observe: false });
    notify(step, relation, 'x', true);
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });

  test('Observe of other methods and other values is ignored', () => {
    const step = new LockStep();
    step.send({ type: 'con', code: '0.03', mid: 1, token: '#aa', path: 'obs', observe: 0 });
    step.expect({ type: 'ack', code: '2.05', observe: false });
    step.send({ type: 'con', code: '0.01', mid: 2, token: '#aa', path: 'obs', observe: 2 });
    step.expect({ type: 'ack', code: '2.05', observe: false });
    assert.deepEqual(step.relations, []);
  });

  test('an error, or a role that does not want it, makes no entry and ends the old one', () => {
    const { step } = observed();
    step.handler = () => ({ code: ResponseCode.notFound });
    step.send({ type: 'con', code: '0.01', mid: 2, token: '#aa', path: 'obs', observe: 0 });
    step.expect({ type: 'ack', code: '4.04', mid: 2, observe: false });
    assert.equal(step.output('relation-ended').reason, 'replaced');
    step.isObservable = false;
    step.handler = () => content('x');
    step.send({ type: 'con', code: '0.01', mid: 3, token: '#cc', path: 'obs', observe: 0 });
    step.expect({ type: 'ack', code: '2.05', mid: 3, observe: false });
    assert.equal(step.endpoint.sizes.relations, 0);
  });

  test('keeps to the number of observers of one peer and of all (CR-8.16)', () => {
    const step = new LockStep({ limits: { maxRelationsPerPeer: 2 } });
    for (const [mid, token] of ['#01', '#02', '#03'].entries()) {
      step.send({ type: 'con', code: '0.01', mid, token, path: 'obs', observe: 0 });
      step.expect({ type: 'ack', code: '2.05', mid, observe: mid < 2 ? 'any' : false });
    }
    assert.equal(step.relations.length, 2);
  });

  test('a separate first response is the first notification: its Reset ends the relation', () => {
    const step = new LockStep();
    step.handler = () => 'wait';
    step.send({ type: 'con', code: '0.01', mid: 1, token: '#aa', path: 'obs', observe: 0 });
    step.advance(500);
    step.expect({ type: 'ack', mid: 1 });
    const relation = step.respond(step.output('request').exchange, content('1'));
    assert.ok(relation !== undefined);
    step.expect({ type: 'con', code: '2.05', mid: 'n', token: '#aa', observe: 'any' });
    notify(step, relation, '2', true);
    step.expectSilence();
    step.send({ type: 'rst', mid: 'n' });
    assert.equal(step.output('relation-ended').reason, 'reset');
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });
});

describe('Sequence numbers (CR-8.10, RFC 7641 §4.4)', () => {
  test('grow with each notification, also after a replaced registration', () => {
    const { step, relation } = observed();
    const numbers: number[] = [];
    for (const text of ['1', '2', '3']) {
      notify(step, relation, text);
      numbers.push(sequenceOf(step, 'non'));
    }
    step.send({ type: 'con', code: '0.01', mid: 2, token: '#aa', path: 'obs', observe: 0 });
    numbers.push(step.expect({ type: 'ack', code: '2.05', mid: 2 }).options.uint(6) ?? -1);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
    assert.equal(new Set(numbers).size, 4);
  });
});

describe('Confirmable or not (CR-8.12, RFC 7641 §4.5, §7)', () => {
  test('is non-confirmable unless the role asks, with ids of its own', () => {
    const { step, relation } = observed();
    notify(step, relation, '1');
    step.expect({ type: 'non', code: '2.05', mid: 'a', token: '#aa', payload: '1' });
    notify(step, relation, '2', true);
    step.expect({ type: 'con', code: '2.05', mid: 'b', token: '#aa', payload: '2' });
    assert.notEqual(step.variables.get('a'), step.variables.get('b'));
    step.send({ type: 'ack', mid: 'b' });
    assert.equal(step.output('notification-acknowledged').relation, relation);
  });

  test('is confirmable at least every 24 hours, whatever is asked', () => {
    const { step, relation } = observed();
    for (let hour = 1; hour <= 50; hour += 1) {
      step.advance(60 * 60 * 1000);
      notify(step, relation, `${hour}`);
      const isDue = hour === 24 || hour === 48;
      step.expect({ type: isDue ? 'con' : 'non', code: '2.05', mid: `h${hour}` });
      if (isDue) step.send({ type: 'ack', mid: `h${hour}` });
    }
    step.advance(day);
    notify(step, relation, 'late');
    step.expect({ type: 'con', code: '2.05' });
  });

  test('is confirmable after 5 non-confirmable ones to a peer that is not authenticated', () => {
    const { step, relation } = observed(false);
    notify(step, relation, '0');
    step.expect({ type: 'con', code: '2.05', mid: 'c0' });
    step.send({ type: 'ack', mid: 'c0' });
    for (let round = 0; round < 3; round += 1) {
      for (let count = 0; count < 5; count += 1) {
        notify(step, relation, 'n');
        step.expect({ type: 'non', code: '2.05' });
      }
      notify(step, relation, 'c');
      step.expect({ type: 'con', code: '2.05', mid: `c${round}c` });
      step.send({ type: 'ack', mid: `c${round}c` });
    }
  });

  test('is confirmable when non-confirmable ones would come faster than a rate that was set (CR-7.4)', () => {
    const step = new LockStep({ behaviour: { nonNotificationInterval: milliseconds(3000) } });
    step.peer = { ...step.peer, security: { kind: 'psk', identity: 'a' } };
    step.send({ type: 'con', code: '0.01', mid: 1, token: '#aa', path: 'obs', observe: 0 });
    step.take();
    const [relation] = step.relations;
    assert.ok(relation !== undefined);
    notify(step, relation, '1');
    step.expect({ type: 'non', code: '2.05' });
    step.advance(2999);
    notify(step, relation, '2');
    step.expect({ type: 'con', code: '2.05', mid: 'c' });
    step.send({ type: 'ack', mid: 'c' });
    step.advance(1);
    notify(step, relation, '3');
    step.expect({ type: 'non', code: '2.05' });
  });
});

describe('One confirmable notification at a time (CR-8.13, RFC 7641 §4.5.2)', () => {
  test('keeps only the newest state while one is unacknowledged, and sends it after the acknowledgement', () => {
    const { step, relation } = observed();
    notify(step, relation, '1', true);
    step.expect({ type: 'con', code: '2.05', mid: 'a', payload: '1' });
    notify(step, relation, '2', true);
    notify(step, relation, '3', true);
    step.expectSilence();
    step.send({ type: 'ack', mid: 'a' });
    step.output('notification-acknowledged');
    step.expect({ type: 'con', code: '2.05', mid: 'b', payload: '3' });
    step.send({ type: 'ack', mid: 'b' });
    step.output('notification-acknowledged');
    step.expectSilence();
  });

  test('sends the newest state in place of a retransmission: new id and number, same count and doubled wait', () => {
    const { step, relation } = observed();
    const start = step.now;
    notify(step, relation, '1', true);
    const first = sequenceOf(step, 'con');
    step.advance(1000);
    notify(step, relation, '2', true);
    step.expectSilence();
    step.advance(1000);
    const second = sequenceOf(step, 'con');
    assert.ok(second > first);
    assert.notEqual(step.variables.get('mid0'), step.variables.get('mid1'));
    step.advance(61_000);
    const later = step.take();
    assert.deepEqual(
      later.map(({ at }) => at - start),
      [6000, 14_000, 30_000],
    );
    assert.equal(step.output('relation-ended').reason, 'no-answer');
    step.expectEmptyInTheEnd();
  });

  test('repeats the same bytes when nothing is newer', () => {
    const { step, relation } = observed();
    notify(step, relation, '1', true);
    step.advance(61_000);
    const sent = step.take();
    assert.equal(sent.length, 5);
    assert.equal(new Set(sent.map(({ datagram }) => datagram.join())).size, 1);
  });

  test('an acknowledgement of an id that was replaced does not count', () => {
    const { step, relation } = observed();
    notify(step, relation, '1', true);
    step.expect({ type: 'con', code: '2.05', mid: 'a' });
    notify(step, relation, '2', true);
    step.advance(2000);
    step.expect({ type: 'con', code: '2.05', mid: 'b' });
    step.send({ type: 'ack', mid: 'a' });
    step.expectNoOutput();
    step.send({ type: 'ack', mid: 'b' });
    step.output('notification-acknowledged');
  });

  test('counts for NSTART together with our requests, over all relations of a peer (CR-7.2)', () => {
    const { step, relation } = observed();
    step.send({ type: 'con', code: '0.01', mid: 2, token: '#bb', path: 'obs2', observe: 0 });
    step.take();
    const [, other] = step.relations;
    assert.ok(other !== undefined);
    notify(step, relation, '1', true);
    notify(step, other, '2', true);
    step.expect({ type: 'con', code: '2.05', mid: 'a', token: '#aa' });
    step.run((endpoint, now) => endpoint.request(step.peer, { method: 2, uriPath: ['rd'] }, now));
    notify(step, other, '3', true);
    step.expectSilence();
    step.send({ type: 'ack', mid: 'a' });
    step.expect({ type: 'con', code: '2.05', mid: 'b', token: '#bb', payload: '3' });
    step.send({ type: 'ack', mid: 'b' });
    step.expect({ type: 'con', code: '0.02', path: 'rd' });
  });
});

describe('The end of a relation (CR-8.11, CR-8.14)', () => {
  test('a Reset of a confirmable notification, or of an earlier non-confirmable one, ends it', () => {
    for (const type of ['con', 'non'] as const) {
      const { step, relation } = observed();
      notify(step, relation, '1', type === 'con');
      step.expect({ type, code: '2.05', mid: 'a' });
      if (type === 'non') {
        notify(step, relation, '2');
        step.expect({ type, code: '2.05', mid: 'b' });
        step.advance(144_999);
      }
      step.send({ type: 'rst', mid: 'a' });
      assert.deepEqual(step.output('relation-ended'), { kind: 'relation-ended', relation, reason: 'reset' });
      notify(step, relation, '3', true);
      step.expectSilence();
      step.expectEmptyInTheEnd();
    }
  });

  test('a Reset after NON_LIFETIME, of another id or of another peer does not', () => {
    const { step, relation } = observed();
    notify(step, relation, '1');
    step.expect({ type: 'non', code: '2.05', mid: 'a' });
    notify(step, relation, '2');
    step.expect({ type: 'non', code: '2.05', mid: 'b' });
    step.send({ type: 'rst', mid: Number(step.variables.get('a')) ^ 0x8000 });
    step.send({ type: 'rst', mid: 'a' }, { ...step.peer, key: 'psk:b' });
    step.advance(145_000);
    step.send({ type: 'rst', mid: 'a' });
    step.expectNoOutput();
  });

  test('a notification that is never acknowledged ends it (OBS_05)', () => {
    const { step, relation } = observed();
    notify(step, relation, '1', true);
    step.advance(62_000);
    assert.deepEqual(step.output('relation-ended'), {
      kind: 'relation-ended',
      relation,
      reason: 'no-answer',
    });
  });

  test('an error goes without Observe, confirmable, and ends it (OBS_07)', () => {
    const { step, relation } = observed();
    notify(step, relation, '1', true);
    step.expect({ type: 'con', code: '2.05' });
    step.run((endpoint, now) => endpoint.notify(relation, { code: ResponseCode.notFound }, now));
    step.expect({ type: 'con', code: '4.04', mid: 'e', token: '#aa', observe: false });
    step.send({ type: 'ack', mid: 'e' });
    notify(step, relation, '2', true);
    step.advance(100_000);
    step.expectSilence();
    step.expectNoOutput();
    step.expectEmptyInTheEnd();
  });

  test('another Content-Format than the first makes it 4.06 and ends it (OBS_08, RFC 7641 §4.2)', () => {
    const { step, relation } = observed();
    step.run((endpoint, now) =>
      endpoint.notify(relation, { code: ResponseCode.content, contentFormat: 42, payload: bytes('x') }, now),
    );
    step.expect({ type: 'con', code: '4.06', token: '#aa', observe: false });
    assert.equal(step.output('relation-ended').reason, 'not-acceptable');
  });

  test('the role can end it without a word', () => {
    const { step, relation } = observed();
    notify(step, relation, '1', true);
    step.expect({ type: 'con', code: '2.05' });
    step.run((endpoint) => endpoint.endRelation(relation));
    step.advance(100_000);
    step.expectSilence();
    step.expectNoOutput();
    step.expectEmptyInTheEnd();
  });
});

describe('Large notifications (CR-9.12, RFC 7959 §3.4)', () => {
  test('carry the first block in the size of the registration; the rest is there for a GET', () => {
    const step = new LockStep({ behaviour: { amplificationLimit: false } });
    step.send({
      type: 'con',
      code: '0.01',
      mid: 1,
      token: '#aa',
      path: 'obs',
      observe: 0,
      options: [block2(0)],
    });
    step.expect({ type: 'ack', code: '2.05', observe: 'any' });
    const [relation] = step.relations;
    assert.ok(relation !== undefined);
    notify(step, relation, '0123456789abcdefXYZ', true);
    step.expect({
      type: 'con',
      code: '2.05',
      mid: 'n',
      payload: '0123456789abcdef',
      has: { [OptionNumber.block2]: 8, [OptionNumber.size2]: 19 },
    });
    step.send({ type: 'con', code: '0.01', mid: 2, token: '#bb', path: 'obs', options: [block2(0x10)] });
    step.expect({ type: 'ack', code: '2.05', mid: 2, token: '#bb', payload: 'XYZ', observe: false });
    assert.equal(step.handled, 1);
  });
});
