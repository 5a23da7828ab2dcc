import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Method, OptionNumber, type OutgoingOption, ResponseCode } from '@dunlin/coap';

import { bytes, LockStep } from '../support/lock-step.ts';
import { Pair } from '../support/pair.ts';

const selection = bytes('[0, 1, 2]');
const fetch = { method: Method.fetch, uriPath: ['obs'], contentFormat: 50, payload: selection } as const;

/** A Block2 option. */
function block2(value: number): readonly OutgoingOption[] {
  return [{ number: OptionNumber.block2, value }];
}

describe('Observing with FETCH (CR-8.1, CR-8.7, RFC 8132 §2, RFC 7641 §3.6)', () => {
  test('registers with Observe 0 and the payload, and cancels with the same payload and options (CR-8.7)', () => {
    const step = new LockStep();
    const observation = step.run((endpoint, now) => endpoint.observe(step.peer, fetch, now));
    const same = { path: 'obs', payload: selection, has: { [OptionNumber.contentFormat]: 50 } } as const;
    step.expect({ type: 'con', code: '0.05', mid: 'm', token: 't', observe: 0, ...same });
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't', observe: 1 });
    assert.equal(step.output('notification').isFirst, true);
    step.run((endpoint, now) => endpoint.cancelObservation(observation, 'active', now));
    step.expect({ type: 'con', code: '0.05', mid: 'c', token: 't', observe: 1, ...same });
    step.send({ type: 'ack', code: '2.05', mid: 'c', token: 't' });
    assert.equal(step.output('observation-ended').reason, 'cancelled');
    step.expectEmptyInTheEnd();
  });

  test('enters the sender of a FETCH with Observe 0 and takes it out with Observe 1 (CR-8.9)', () => {
    const step = new LockStep();
    step.send({ type: 'con', code: '0.05', mid: 1, token: '#aa', path: 'obs', observe: 0, payload: 'a' });
    step.expect({ type: 'ack', code: '2.05', mid: 1, observe: 'any' });
    assert.equal(step.endpoint.sizes.relations, 1);
    step.send({ type: 'con', code: '0.05', mid: 2, token: '#aa', path: 'obs', observe: 1, payload: 'a' });
    step.expect({ type: 'ack', code: '2.05', mid: 2, observe: false });
    assert.equal(step.output('relation-ended').reason, 'deregistered');
    step.expectEmptyInTheEnd();
  });

  test('a FETCH in blocks observes once it is whole, and is acted on once (CR-9.13)', () => {
    const pair = new Pair({ server: { behaviour: { amplificationLimit: false } } });
    pair.handler = ({ payload }) => ({
      response: { code: ResponseCode.content, contentFormat: 0, payload: bytes(`${payload.length}`) },
      observe: true,
    });
    const request = { ...fetch, payload: new Uint8Array(2500) };
    pair.ask((client, now) => client.observe(pair.serverPeer, request, now));
    pair.advance(1000);
    const first = pair.result('notification');
    assert.deepEqual([first.isFirst, first.response.payload], [true, bytes('2500')]);
    assert.equal(pair.requests.length, 1);
    assert.equal(pair.relations.length, 1);
    const [relation] = pair.relations;
    assert.ok(relation !== undefined);
    const content = { code: ResponseCode.content, contentFormat: 0, payload: bytes('next') };
    pair.tell((server, now) => server.notify(relation, content, now, { isConfirmable: true }));
    pair.advance(1000);
    assert.deepEqual(pair.result('notification').response.payload, bytes('next'));
    assert.deepEqual(pair.sentBy('server').filter(({ code }) => code === ResponseCode.continue).length, 2);
  });

  test('further blocks of the answer to a FETCH come with and without its payload (CR-9.11)', () => {
    for (const payload of [undefined, 'which']) {
      const step = new LockStep({ behaviour: { amplificationLimit: false } });
      step.handler = ({ request }) => ({
        code: ResponseCode.content,
        payload: bytes(new TextDecoder().decode(request.payload).repeat(8)),
      });
      const whole = { type: 'con', code: '0.05', path: 'f' } as const;
      step.send({ ...whole, mid: 1, token: '#01', payload: 'which', options: block2(0) });
      step.expect({ type: 'ack', code: '2.05', mid: 1, payload: 'whichwhichwhichw' });
      const rest = payload === undefined ? whole : { ...whole, payload };
      step.send({ ...rest, mid: 2, token: '#02', options: block2(0x10) });
      step.expect({ type: 'ack', code: '2.05', mid: 2, payload: 'hichwhichwhichwh' });
      step.send({ ...rest, mid: 3, token: '#03', options: block2(0x20) });
      step.expect({ type: 'ack', code: '2.05', mid: 3, payload: 'ichwhich' });
      assert.equal(step.handled, 1);
    }
  });
});
