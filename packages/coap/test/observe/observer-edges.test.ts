import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { hexEncode } from '@dunlin/base';
import {
  Method,
  OptionNumber,
  type OutgoingOption,
  type Peer,
  type RelationId,
  ResponseCode,
  udpPeer,
} from '@dunlin/coap';

import { bytes, LockStep } from '../support/lock-step.ts';

function observed(): { readonly step: LockStep; readonly relation: RelationId } {
  const step = new LockStep();
  step.send({ type: 'con', code: '0.01', mid: 1, token: '#aa', path: 'obs', observe: 0 });
  step.take();
  const [relation] = step.relations;
  assert.ok(relation !== undefined);
  return { step, relation };
}

function notify(step: LockStep, relation: RelationId, text: string): void {
  const content = { code: ResponseCode.content, contentFormat: 0, payload: bytes(text) };
  step.run((endpoint, now) => endpoint.notify(relation, content, now, { isConfirmable: true }));
}

/** An Observe option with leading zeros. */
function padded(value: number): readonly OutgoingOption[] {
  return [{ number: OptionNumber.observe, value: Uint8Array.of(0, 0, value) }];
}

describe('Observers that are hard to understand (CR-8.2, CR-8.14)', () => {
  test('a malformed Reset or acknowledgement ends no relation and confirms nothing (N10, N11, N28, N29)', () => {
    const { step, relation } = observed();
    notify(step, relation, '1');
    const { messageId } = step.expect({ type: 'con', code: '2.05', mid: 'n' });
    const id = hexEncode(Uint8Array.of(messageId >> 8, messageId & 0xff));
    for (const hex of [`7000${id}ff01`, `6000${id}ff`, `6101${id}aa`, `7145${id}aa`, `7100${id}aa`]) {
      step.receive(hex);
    }
    step.expectSilence();
    step.expectNoOutput();
    step.advance(2000);
    step.expect({ type: 'con', code: '2.05', mid: 'n' });
    step.send({ type: 'ack', mid: 'n' });
    step.output('notification-acknowledged');
  });

  test('an Observe value with leading zeros is read like any other (CR-2.4, CR-12)', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.observe(step.peer, { method: Method.get, uriPath: ['o'] }, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't', options: padded(5) });
    assert.equal(step.output('notification').response.observe, 5);
    step.send({ type: 'non', code: '2.05', mid: 1, token: 't', options: padded(6) });
    assert.equal(step.output('notification').isFresh, true);
    const asked = new LockStep();
    asked.send({ type: 'con', code: '0.01', mid: 1, token: '#aa', path: 'o', options: padded(0) });
    asked.expect({ type: 'ack', code: '2.05', mid: 1, observe: 'any' });
  });

  test('keeps to the number of observers of all peers together (CR-8.16)', () => {
    const step = new LockStep({ limits: { maxRelations: 2 } });
    for (let port = 1; port <= 3; port += 1) {
      const peer = udpPeer('192.0.2.7', port);
      step.send({ type: 'con', code: '0.01', mid: port, token: '#aa', path: 'obs', observe: 0 }, peer);
      step.expect({ type: 'ack', code: '2.05', mid: port, observe: port < 3 ? 'any' : false });
    }
    assert.equal(step.endpoint.sizes.relations, 2);
  });

  test('OBS_09: an update by another client reaches the observer', () => {
    const { step, relation } = observed();
    step.handler = ({ request }) => {
      notify(step, relation, new TextDecoder().decode(request.payload));
      return { code: ResponseCode.changed };
    };
    const other: Peer = udpPeer('192.0.2.8', 5683);
    step.send({ type: 'con', code: '0.03', mid: 1, token: '#bb', path: 'obs', payload: 'new' }, other);
    step.expect({ type: 'con', code: '2.05', mid: 'n', token: '#aa', observe: 'any', payload: 'new' });
    step.expect({ type: 'ack', code: '2.04', mid: 1, token: '#bb' });
    step.expectSilence();
    step.send({ type: 'ack', mid: 'n' });
    step.output('notification-acknowledged');
  });
});
