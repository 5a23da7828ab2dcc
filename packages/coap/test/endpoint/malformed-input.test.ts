import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { hexDecode, hexEncode } from '@dunlin/base';
import { decodeMessage, formatCode } from '@dunlin/coap';

import { LockStep } from '../support/lock-step.ts';
import { malformedVectors } from '../vectors/vectors.ts';

/** What an endpoint did: `silence`, `reset`, or the code of its one answer. */
function reactionTo(hex: string): { readonly reaction: string; readonly step: LockStep } {
  const step = new LockStep();
  step.receive(hex);
  step.advance(400);
  const sent = step.take();
  const [first] = sent;
  if (first === undefined) return { reaction: 'silence', step };
  assert.equal(sent.length, 1, 'one message at most');
  const { datagram } = first;
  const message = decodeMessage(datagram);
  assert.ok(message.kind === 'message');
  if (message.type === 3) {
    assert.equal(hexEncode(datagram), `7000${hex.slice(4, 8)}`);
    return { reaction: 'reset', step };
  }
  const request = hexDecode(hex);
  assert.ok(request !== undefined);
  const isConfirmable = ((request[0] ?? 0) & 0x30) === 0;
  assert.equal(message.type, isConfirmable ? 2 : 1);
  if (isConfirmable) assert.equal(message.messageId, ((request[2] ?? 0) << 8) | (request[3] ?? 0));
  return { reaction: step.handled > 0 ? 'answer' : formatCode(message.code), step };
}

describe('Malformed and unexpected input (CR-2.1, CR-2.2, CR-10.1)', () => {
  for (const { id, title, hex, reactions, decoding } of malformedVectors) {
    test(`${id}: answers ${title} with ${reactions.join(' or ')}`, () => {
      const { reaction, step } = reactionTo(hex);
      assert.ok(reactions.includes(reaction), `${reaction} instead of ${reactions.join(' or ')}`);
      step.expectNoOutput();
      // A request that is read and refused is remembered, so that its repetition is not read again.
      const isStateless = !('refused' in decoding) && (reaction === 'reset' || reaction === 'silence');
      if (isStateless) {
        assert.deepEqual(
          Object.values(step.endpoint.sizes).filter((size) => size !== 0),
          [],
        );
      }
      step.expectEmptyInTheEnd();
    });
  }

  test('answers no acknowledgement and no Reset whatever it carries (CR-4.11)', () => {
    for (const { hex } of malformedVectors) {
      const bytes = hexDecode(hex);
      if (bytes === undefined || bytes.length < 4) continue;
      for (const type of [2, 3]) {
        bytes[0] = ((bytes[0] ?? 0) & 0xcf) | (type << 4);
        const { reaction, step } = reactionTo(hexEncode(bytes));
        assert.equal(reaction, 'silence');
        assert.equal(step.endpoint.sizes.peers, 0);
      }
    }
  });

  test('names the option in the diagnostic payload of 4.02 and does not echo it (CR-10.1)', () => {
    const step = new LockStep();
    step.receive('41011234aae32602616263');
    const answer = step.expect({ type: 'ack', code: '4.02', mid: 0x1234, token: '#aa' });
    assert.match(new TextDecoder().decode(answer.payload), /9999/);
    assert.equal(answer.options.size, 0);
  });

  test('says nothing of the reason to peers without security when told so (CR-10.6)', () => {
    const step = new LockStep({ behaviour: { diagnosticsToUnauthenticated: false } });
    step.receive('41011234aae32602616263');
    assert.equal(step.expect({ type: 'ack', code: '4.02' }).payloadLength, 0);
  });

  test('answers an unknown critical option in a NON with NON 4.02, or silence when told so (CR-10.1)', () => {
    const loud = new LockStep();
    loud.receive('51011234aae32602616263');
    loud.expect({ type: 'non', code: '4.02', token: '#aa' });
    const silent = new LockStep({ behaviour: { answerBadOptionInNon: false } });
    silent.receive('51011234aae32602616263');
    silent.expectSilence();
  });

  test('answers an unknown method with 4.05 and a request for a proxy with 5.05 (CR-10.2, CR-10.3)', () => {
    const step = new LockStep();
    step.send({ type: 'con', code: '0.08', mid: 1 });
    step.expect({ type: 'ack', code: '4.05', mid: 1 });
    step.send({ type: 'non', code: '0.31', mid: 2 });
    step.expect({ type: 'non', code: '4.05' });
    for (const number of [35, 39]) {
      step.send({ type: 'con', code: '0.01', mid: number, options: [{ number, value: 'coap://x' }] });
      step.expect({ type: 'ack', code: '5.05', mid: number });
    }
    assert.equal(step.handled, 0);
  });

  test('answers If-Match and If-None-Match with 4.02 unless the role heeds them (CR-10.8)', () => {
    const step = new LockStep();
    for (const option of [
      { number: 1, value: new Uint8Array([1]) },
      { number: 1, value: new Uint8Array() },
      { number: 5, value: new Uint8Array() },
    ]) {
      for (const type of ['con', 'non'] as const) {
        step.send({
          type,
          code: '0.03',
          mid: option.number * 2 + option.value.length,
          path: 'x',
          options: [option],
        });
        const answer = step.expect({ type: type === 'con' ? 'ack' : 'non', code: '4.02' });
        assert.match(new TextDecoder().decode(answer.payload), /If-(None-)?Match/);
      }
    }
    assert.equal(step.handled, 0);
    step.expectEmptyInTheEnd();
  });

  test('hands If-Match and If-None-Match to a role that heeds them (CR-10.8)', () => {
    const step = new LockStep({ behaviour: { heedsConditions: true } });
    step.handler = () => 'wait';
    const options = [
      { number: 1, value: new Uint8Array([1]) },
      { number: 1, value: new Uint8Array([2, 3]) },
      { number: 5, value: new Uint8Array() },
    ];
    step.send({ type: 'con', code: '0.03', mid: 1, path: 'x', options });
    const { request } = step.output('request');
    assert.deepEqual(request.ifMatch, [new Uint8Array([1]), new Uint8Array([2, 3])]);
    assert.equal(request.ifNoneMatch, true);
  });

  test('serves whatever Uri-Host and Uri-Port say (CR-10.2)', () => {
    const step = new LockStep();
    const options = [
      { number: 3, value: 'elsewhere' },
      { number: 7, value: 1 },
    ];
    step.send({ type: 'con', code: '0.01', mid: 1, path: 'x', options });
    step.expect({ type: 'ack', code: '2.05', mid: 1 });
  });

  test('rations Resets by source (CR-4.11, CR-11.3)', () => {
    const step = new LockStep({ limits: { resetBurst: 3, resetsPerSecond: 1 } });
    for (let count = 0; count < 10; count += 1) step.receive('40001234');
    assert.equal(step.take().length, 3);
    assert.equal(step.endpoint.statistics.suppressed, 7);
    step.advance(1000);
    for (let count = 0; count < 10; count += 1) step.receive('41451234aa');
    assert.equal(step.take().length, 1);
  });

  test('rations error answers to addresses that are not validated (CR-11.3)', () => {
    const step = new LockStep({ limits: { errorBurst: 3, errorsPerSecond: 1 } });
    for (let mid = 0; mid < 10; mid += 1) step.send({ type: 'non', code: '0.31', mid });
    assert.equal(step.take().length, 3);
  });
});
