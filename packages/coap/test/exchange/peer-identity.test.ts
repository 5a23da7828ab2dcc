import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Method, type Peer, ResponseCode, udpPeer } from '@dunlin/coap';

import { bytes, LockStep } from '../support/lock-step.ts';

const get = { method: Method.get, uriPath: ['test'] } as const;
const psk = { kind: 'psk', identity: 'device-1' } as const;
const here: Peer = { ...udpPeer('192.0.2.7', 40_000), key: 'psk:device-1', security: psk };
const moved: Peer = { ...here, address: '198.51.100.9', port: 61_000 };

function secured(): LockStep {
  const step = new LockStep();
  step.peer = here;
  return step;
}

describe('Who a peer is (CR-5, RFC 7252 §5.3.2, §9.1)', () => {
  test('without security it is address and port: another port is another peer (CR-5.1)', () => {
    const step = new LockStep();
    step.run((endpoint, now) => endpoint.request(step.peer, get, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
    const otherPort = udpPeer(step.peer.address, step.peer.port + 1);
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't' }, otherPort);
    step.expectNoOutput();
    step.send({ type: 'con', code: '2.05', mid: 9, token: 't' }, otherPort);
    step.expect({ type: 'rst', mid: 9 });
    step.expectNoOutput();
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't' }, udpPeer('192.0.2.7', 40_000));
    step.output('response');
  });

  test('an answer without security, or of another association, is none to a secured request (CR-5.3)', () => {
    const step = secured();
    step.run((endpoint, now) => endpoint.request(here, get, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
    for (const stranger of [udpPeer(here.address, here.port), { ...here, key: 'psk:device-2' }]) {
      step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't' }, stranger);
      step.send({ type: 'rst', mid: 'm' }, stranger);
      step.send({ type: 'ack', mid: 'm' }, stranger);
      step.expectSilence();
      step.expectNoOutput();
    }
    step.advance(2000);
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't' });
    step.output('response');
  });

  test('with security it is the key: what comes from a new address is recognised and matched (CR-5.4)', () => {
    const step = secured();
    const request = step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'test' });
    step.expect({ type: 'ack', code: '2.05', mid: 5 });
    step.receive(request, moved);
    step.expect({ type: 'ack', code: '2.05', mid: 5 });
    assert.equal(step.handled, 1);
    step.run((endpoint, now) => endpoint.request(here, get, now));
    step.expect({ type: 'con', code: '0.01', mid: 'm', token: 't' });
    step.send({ type: 'ack', code: '2.05', mid: 'm', token: 't' }, moved);
    step.output('response');
    assert.equal(step.endpoint.sizes.peers, 1);
  });

  test('retransmissions, answers and notifications go to the newest address of a secured peer (CR-5.5)', () => {
    const step = secured();
    step.send({ type: 'con', code: '0.01', mid: 1, token: '#aa', path: 'obs', observe: 0 });
    step.take();
    const [relation] = step.relations;
    assert.ok(relation !== undefined);
    step.handler = () => 'wait';
    step.send({ type: 'con', code: '0.01', mid: 2, token: '#bb', path: 'slow' });
    step.advance(500);
    const { exchange } = step.output('request');
    step.run((endpoint, now) => endpoint.request(here, get, now));
    assert.ok(step.take().every(({ to }) => to.address === here.address));
    step.send({ type: 'non', code: '0.01', mid: 3, token: '#cc', path: 'x' }, moved);
    step.respond(exchange, { code: ResponseCode.content });
    const content = { code: ResponseCode.content, contentFormat: 0, payload: bytes('1') };
    step.run((endpoint, now) => endpoint.notify(relation, content, now));
    step.advance(10_000);
    const sent = step.take();
    assert.ok(sent.length >= 6, `${sent.length} datagrams`);
    assert.ok(sent.every(({ to }) => to.address === moved.address && to.port === moved.port));
  });

  test('a peer without security that claims the address of a secured one shares nothing with it (CR-5.3)', () => {
    const step = secured();
    const request = step.send({ type: 'con', code: '0.01', mid: 5, token: '#aa', path: 'test', observe: 0 });
    step.take();
    step.receive(request, udpPeer(here.address, here.port));
    assert.equal(step.handled, 2);
    step.expect({ type: 'ack', code: '2.05', mid: 5 });
    assert.equal(step.endpoint.sizes.relations, 2);
    const plain = udpPeer(here.address, here.port);
    step.send({ type: 'con', code: '0.01', mid: 6, token: '#aa', path: 'test', observe: 1 }, plain);
    assert.equal(step.endpoint.sizes.relations, 1);
  });
});
