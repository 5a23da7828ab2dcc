import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  decodeMessage,
  type Message,
  Method,
  OptionNumber,
  type Peer,
  type Request,
  smsPeer,
  smsTransmission,
  transmissionForTransport,
  udpPeer,
} from '@dunlin/coap';

import { LockStep } from '../support/lock-step.ts';

const read: Request = { method: Method.get, uriPath: ['3', '0'] };

function overSms(peer: Peer = smsPeer('491700000001')): LockStep {
  const lockStep = new LockStep();
  lockStep.peer = peer;
  return lockStep;
}

function secured(number: string): Peer {
  return { ...smsPeer(number), key: `dtls:${number}`, security: { kind: 'psk', identity: 'device' } };
}

/** What was sent, in the order of sending. */
function messages(lockStep: LockStep): readonly Message[] {
  return lockStep.take().map(({ datagram }) => {
    const message = decodeMessage(datagram);
    assert.ok(message.kind === 'message');
    return message;
  });
}

describe('R-920: requests over short messages', () => {
  it('are sent once and fail when nothing came for 302 s', () => {
    const sms = overSms();
    sms.run((endpoint, now) => endpoint.request(sms.peer, read, now));
    sms.expect({ type: 'con', code: '0.01', path: '3/0' });
    sms.advance(301_999);
    sms.expectSilence();
    sms.expectNoOutput();
    sms.advance(1);
    assert.equal(sms.output('request-failed').reason, 'no-answer');
    sms.expectSilence();
  });

  it('go one at a time to a number, the next when the one before is over', () => {
    const sms = overSms();
    for (let count = 0; count < 2; count += 1)
      sms.run((endpoint, now) => endpoint.request(sms.peer, read, now));
    assert.equal(sms.take().length, 1);
    sms.advance(302_000);
    assert.equal(sms.output('request-failed').reason, 'no-answer');
    assert.equal(sms.take().length, 1);
  });

  it('fail at once when they were not sent, and say why', () => {
    const sms = overSms();
    sms.run((endpoint, now) => endpoint.request(sms.peer, read, now));
    const [sent] = sms.take();
    assert.ok(sent !== undefined);
    const failure = { isSent: false, reason: 'the budget of the day is used up' };
    sms.run((endpoint, now) => endpoint.undelivered(sms.peer, sent.datagram, failure, now));
    const failed = sms.output('request-failed');
    assert.deepEqual([failed.reason, failed.detail], ['not-sent', failure.reason]);
  });

  it('fail at once when they did not arrive, and the next one goes', () => {
    const sms = overSms();
    for (let count = 0; count < 2; count += 1)
      sms.run((endpoint, now) => endpoint.request(sms.peer, read, now));
    const [sent] = sms.take();
    assert.ok(sent !== undefined);
    const failure = { isSent: true, reason: 'the message centre says: failed' };
    sms.run((endpoint, now) => endpoint.undelivered(sms.peer, sent.datagram, failure, now));
    assert.equal(sms.output('request-failed').reason, 'not-delivered');
    assert.equal(sms.take().length, 1);
    sms.run((endpoint, now) => endpoint.undelivered(sms.peer, sent.datagram, failure, now));
    sms.expectNoOutput();
  });

  it('take no harm from being told of datagrams that are none of theirs', () => {
    const sms = overSms();
    for (const datagram of [new Uint8Array(0), Uint8Array.of(0x40, 0, 1, 2), Uint8Array.of(0xff, 1)]) {
      sms.run((endpoint, now) => endpoint.undelivered(sms.peer, datagram, { isSent: true, reason: '' }, now));
    }
    sms.expectNoOutput();
  });
});

describe('R-920: answers over short messages', () => {
  it('come in the acknowledgement, however long the role takes', () => {
    const sms = overSms();
    sms.handler = () => 'wait';
    sms.send({ type: 'con', code: '0.01', mid: 7, token: '#01', path: '3/0' });
    sms.advance(120_000);
    sms.expectSilence();
    sms.respond(sms.output('request').exchange, { code: 0x45 });
    sms.expect({ type: 'ack', code: '2.05', mid: 7 });
    sms.expectSilence();
  });

  it('are 5.03 in the acknowledgement when the role never answers', () => {
    const sms = overSms();
    sms.handler = () => 'wait';
    sms.send({ type: 'con', code: '0.01', mid: 7, token: '#01', path: '3/0' });
    sms.advance(202_000);
    sms.expect({ type: 'ack', code: '5.03', mid: 7 });
    sms.expectSilence();
  });

  it('are repeated for a request that comes again within 15 minutes', () => {
    const sms = overSms();
    const request = sms.send({ type: 'con', code: '0.02', mid: 7, token: '#01', path: '3/0/4' });
    sms.advance(899_000);
    sms.receive(request);
    assert.deepEqual([sms.take().length, sms.handled], [2, 1]);
  });
});

describe('R-920: bodies over short messages', () => {
  const upload = (length: number): Request => ({
    method: Method.put,
    uriPath: ['3', '0', '15'],
    contentFormat: 0,
    payload: new Uint8Array(length),
  });

  it('go whole as far as three short messages hold them', () => {
    const sms = overSms();
    sms.run((endpoint, now) => endpoint.request(sms.peer, upload(300), now));
    const [sent] = messages(sms);
    assert.deepEqual([sent?.payload.length, sent?.options.bytes(OptionNumber.block1)], [300, undefined]);
  });

  it('go in blocks of 64 bytes when they do not', () => {
    for (const peer of [smsPeer('491700000001'), secured('491700000001')]) {
      const sms = overSms(peer);
      sms.run((endpoint, now) => endpoint.request(sms.peer, upload(390), now));
      assert.equal(messages(sms)[0]?.payload.length, 64);
    }
  });

  it('leave room for a record of DTLS', () => {
    const lengths = [undefined, secured('491700000001')].map((peer) => {
      const sms = overSms(peer);
      sms.run((endpoint, now) => endpoint.request(sms.peer, upload(340), now));
      return messages(sms)[0]?.payload.length;
    });
    assert.deepEqual(lengths, [340, 64]);
  });

  it('of more than 16 blocks are refused before anything is sent', () => {
    const sms = overSms();
    sms.run((endpoint, now) => endpoint.request(sms.peer, upload(1025), now));
    assert.equal(sms.output('request-failed').reason, 'body-too-large');
    sms.expectSilence();
    sms.run((endpoint, now) => endpoint.request(sms.peer, upload(1024), now));
    assert.equal(sms.take().length, 1);
  });

  it('of answers go by the same sizes', () => {
    const sizes = [300, 390].map((length) => {
      const sms = overSms();
      sms.handler = () => ({ code: 0x45, contentFormat: 42, payload: new Uint8Array(length) });
      sms.send({ type: 'con', code: '0.01', mid: 7, token: '#01', path: '3/0' });
      return messages(sms)[0]?.payload.length;
    });
    assert.deepEqual(sizes, [300, 64]);
  });

  it('are answered in blocks of 64 bytes to who asks for larger ones', () => {
    const sms = overSms();
    sms.handler = () => ({ code: 0x45, contentFormat: 42, payload: new Uint8Array(2000) });
    const block2 = (num: number) => [{ number: OptionNumber.block2, value: (num << 4) | 6 }];
    sms.send({ type: 'con', code: '0.01', mid: 7, token: '#01', path: '3/0', options: block2(0) });
    sms.send({ type: 'con', code: '0.01', mid: 8, token: '#02', path: '3/0', options: block2(1) });
    const sent = messages(sms);
    assert.deepEqual(
      sent.map(({ payload, options }) => [payload.length, options.uint(OptionNumber.block2)]),
      [
        [64, 0x0a],
        [64, (16 << 4) | 0x0a],
      ],
    );
  });

  it('of notifications go by the same sizes', () => {
    const sms = overSms();
    sms.send({ type: 'con', code: '0.01', mid: 7, token: '#01', path: '3/0', observe: 0 });
    sms.take();
    const sizes = [300, 390].map((length) => {
      const [relation] = sms.relations;
      assert.ok(relation !== undefined);
      const response = { code: 0x45, contentFormat: 0, payload: new Uint8Array(length) } as const;
      sms.run((endpoint, now) => endpoint.notify(relation, response, now));
      return messages(sms)[0]?.payload.length;
    });
    assert.deepEqual(sizes, [300, 64]);
  });
});

describe('R-920: notifications and Resets over short messages', () => {
  const notification = { code: 0x45, contentFormat: 0, payload: Uint8Array.of(0x31) } as const;

  it('are non-confirmable, and confirmable once a day', () => {
    const sms = overSms();
    sms.send({ type: 'con', code: '0.01', mid: 7, token: '#01', path: '3/0', observe: 0 });
    sms.take();
    const [relation] = sms.relations;
    assert.ok(relation !== undefined);
    const types: number[] = [];
    for (let hour = 0; hour < 49; hour += 1) {
      sms.advance(3_600_000);
      sms.run((endpoint, now) => endpoint.notify(relation, notification, now));
      const [sent] = messages(sms);
      assert.ok(sent !== undefined);
      types.push(sent.type);
      if (sent.type === 0) sms.send({ type: 'ack', mid: sent.messageId });
    }
    assert.deepEqual(
      types.flatMap((type, index) => (type === 0 ? [index] : [])),
      [23, 47],
    );
  });

  it('are given up without a word when they did not arrive, and the next state is told', () => {
    const sms = overSms();
    sms.send({ type: 'con', code: '0.01', mid: 7, token: '#01', path: '3/0', observe: 0 });
    sms.take();
    const [relation] = sms.relations;
    assert.ok(relation !== undefined);
    sms.run((endpoint, now) => endpoint.notify(relation, notification, now, { isConfirmable: true }));
    const [sent] = sms.take();
    assert.ok(sent !== undefined);
    const failure = { isSent: false, reason: 'no budget' };
    sms.run((endpoint, now) => endpoint.undelivered(sms.peer, sent.datagram, failure, now));
    sms.run((endpoint, now) => endpoint.notify(relation, notification, now));
    sms.expectNoOutput();
    assert.equal(sms.take().length, 1);
  });

  it('are rejected with four Resets an hour to a number when nobody knows them', () => {
    const sms = overSms();
    const flood = (count: number): number => {
      for (let index = 0; index < count; index += 1) {
        sms.send({ type: 'non', code: '2.05', mid: index, token: '#99', options: [{ number: 6, value: 1 }] });
      }
      return sms.take().length;
    };
    assert.equal(flood(1000), 4);
    sms.advance(3_600_000);
    assert.equal(flood(1000), 4);
  });
});

describe('R-920: what holds for a transport', () => {
  it('is known by the peer alone, and is the same object for the same kind', () => {
    assert.equal(transmissionForTransport(smsPeer('491700000001')), smsTransmission);
    assert.equal(transmissionForTransport(udpPeer('192.0.2.1', 5683)), undefined);
    assert.equal(transmissionForTransport(secured('1234'))?.maxMessageSize, 373);
  });
});
