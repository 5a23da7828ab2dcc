import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Method, MessageType, type ObservationId, ResponseCode } from '@dunlin/coap';

import { bytes } from '../support/lock-step.ts';
import { Pair } from '../support/pair.ts';

const obs = { method: Method.get, uriPath: ['obs'] } as const;

/** A pair in which the client observes; the server's content is `text`. */
function observing(): { readonly pair: Pair; readonly observation: ObservationId } {
  const pair = new Pair();
  pair.handler = ({ uriPath }) => ({
    response: { code: ResponseCode.content, contentFormat: 0, payload: bytes(uriPath.join('/')) },
    observe: true,
  });
  const observation = pair.ask((client, now) => client.observe(pair.serverPeer, obs, now));
  pair.advance(100);
  assert.equal(pair.result('notification').isFirst, true);
  assert.equal(pair.relations.length, 1);
  return { pair, observation };
}

function notify(pair: Pair, payload: string | Uint8Array, isConfirmable: boolean): void {
  const [relation] = pair.relations;
  assert.ok(relation !== undefined);
  const content = {
    code: ResponseCode.content,
    contentFormat: 0,
    payload: typeof payload === 'string' ? bytes(payload) : payload,
  };
  pair.tell((server, now) => server.notify(relation, content, now, { isConfirmable }));
}

function delivered(pair: Pair): string[] {
  return pair.clientResults
    .splice(0)
    .map((result) =>
      result.kind === 'notification' ? new TextDecoder().decode(result.response.payload) : result.kind,
    );
}

describe('ETSI CoAP#4 OBS', () => {
  test('OBS_01: confirmable notifications with growing Observe are acknowledged and delivered', () => {
    const { pair } = observing();
    for (const text of ['1', '2', '3']) {
      notify(pair, text, true);
      pair.advance(5000);
    }
    assert.deepEqual(delivered(pair), ['1', '2', '3']);
    assert.equal(pair.serverResults.filter(({ kind }) => kind === 'notification-acknowledged').length, 3);
    const numbers = pair.sentBy('server').map(({ options }) => options.uint(6) ?? -1);
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
  });

  test('OBS_02: non-confirmable notifications, with a confirmable one now and then', () => {
    const { pair } = observing();
    for (let count = 0; count < 20; count += 1) {
      notify(pair, `${count}`, false);
      pair.advance(5000);
    }
    assert.equal(delivered(pair).length, 20);
    const types = pair
      .sentBy('server')
      .slice(1)
      .map(({ type }) => type);
    assert.ok(types.filter((type) => type === MessageType.confirmable).length >= 3);
    assert.ok(types.filter((type) => type === MessageType.nonConfirmable).length >= 15);
  });

  test('OBS_04: registering again after the server lost its state lets notifications flow again', () => {
    const { pair, observation } = observing();
    pair.tell((server, now) => server.forgetPeer(pair.clientPeer, now));
    pair.ask((client, now) => client.cancelObservation(observation, 'passive', now));
    pair.ask((client, now) => client.observe(pair.serverPeer, obs, now));
    pair.advance(1000);
    pair.relations.shift();
    delivered(pair);
    notify(pair, 'again', true);
    pair.advance(1000);
    assert.deepEqual(delivered(pair), ['again']);
  });

  test('OBS_05: with the client gone the server repeats with the newest state, then gives up', () => {
    const { pair } = observing();
    pair.lose = () => true;
    notify(pair, '1', true);
    pair.advance(1000);
    notify(pair, '2', true);
    pair.advance(100_000);
    assert.deepEqual(
      pair.serverResults.map((result) => (result.kind === 'relation-ended' ? result.reason : result.kind)),
      ['no-answer'],
    );
    assert.equal(pair.wire.filter(({ isLost }) => isLost).length, 5);
  });

  test('OBS_06: a client that forgot answers with a Reset, delivers nothing, and the server stops', () => {
    for (const isConfirmable of [true, false]) {
      const { pair } = observing();
      pair.ask((client, now) => client.forgetPeer(pair.serverPeer, now));
      delivered(pair);
      notify(pair, '1', isConfirmable);
      pair.advance(1000);
      assert.deepEqual(delivered(pair), []);
      const last = pair.serverResults.at(-1);
      assert.ok(last?.kind === 'relation-ended' && last.reason === 'reset');
      const sent = pair.wire.length;
      notify(pair, '2', true);
      pair.advance(100_000);
      assert.equal(pair.wire.length, sent);
    }
  });

  test('OBS_07: the deletion of the resource is the last notification', () => {
    const { pair } = observing();
    const [relation] = pair.relations;
    assert.ok(relation !== undefined);
    pair.tell((server, now) => server.notify(relation, { code: ResponseCode.notFound }, now));
    pair.advance(1000);
    const ended = pair.result('observation-ended');
    assert.deepEqual([ended.reason, ended.response?.code], ['ended-by-peer', ResponseCode.notFound]);
    assert.equal(pair.wire.at(-2)?.message.options.uint(6), undefined);
    pair.assertEmptyInTheEnd();
  });

  test('OBS_08: another format of the resource ends it with 4.06', () => {
    const { pair } = observing();
    const [relation] = pair.relations;
    assert.ok(relation !== undefined);
    pair.tell((server, now) =>
      server.notify(relation, { code: ResponseCode.content, contentFormat: 50, payload: bytes('{}') }, now),
    );
    pair.advance(1000);
    assert.equal(pair.result('observation-ended').response?.code, ResponseCode.notAcceptable);
    pair.assertEmptyInTheEnd();
  });

  test('OBS_10: a plain GET has no Observe in its answer and the observation goes on', () => {
    const { pair } = observing();
    pair.ask((client, now) => client.request(pair.serverPeer, obs, now));
    pair.advance(1000);
    assert.equal(pair.result('response').response.observe, undefined);
    notify(pair, 'on', false);
    pair.advance(1000);
    assert.deepEqual(delivered(pair), ['on']);
  });

  test('OBS_11: over a lossy path never two confirmable notifications are open, and the newest state arrives', () => {
    for (const period of [2, 3, 5]) {
      const { pair } = observing();
      pair.lose = (_, count) => count % period === 1;
      let last = '';
      for (let count = 0; count < 40; count += 1) {
        last = `${count}`;
        notify(pair, last, true);
        pair.advance(700);
      }
      pair.advance(100_000);
      assert.equal(delivered(pair).at(-1), last);
      const open = new Set<number>();
      for (const { from, message, isLost } of pair.wire) {
        if (from === 'server' && message.type === MessageType.confirmable) {
          open.add(message.options.uint(6) ?? -1);
        } else if (from === 'client' && message.type === MessageType.acknowledgement && !isLost) {
          open.clear();
        }
      }
      assert.ok(open.size <= 1);
    }
  });

  test('OBS_12: Observe 1 is answered without Observe and no notification follows', () => {
    const { pair, observation } = observing();
    pair.ask((client, now) => client.cancelObservation(observation, 'active', now));
    pair.advance(1000);
    const ended = pair.result('observation-ended');
    assert.deepEqual([ended.reason, ended.response?.observe], ['cancelled', undefined]);
    const sent = pair.wire.length;
    notify(pair, 'x', true);
    pair.advance(1000);
    assert.equal(pair.wire.length, sent);
    pair.assertEmptyInTheEnd();
  });

  for (const isConfirmable of [true, false]) {
    test(`OBS_13, OBS_14: bodies of changing size arrive whole (${isConfirmable ? 'CON' : 'NON'})`, () => {
      const { pair } = observing();
      const sizes = [10, 3000, 1024, 1025, 20, 2048, 2047];
      for (const size of sizes) {
        notify(pair, new Uint8Array(size).fill(65), isConfirmable);
        pair.advance(5000);
      }
      assert.deepEqual(
        delivered(pair).map(({ length }) => length),
        sizes,
      );
    });
  }

  test('OBS_13: notifications arrive whole, and no fetch uses the token of the observation', () => {
    const { pair } = observing();
    const token = pair.sentBy('client')[0]?.tokenKey;
    notify(pair, new Uint8Array(3000), true);
    pair.advance(5000);
    assert.equal(delivered(pair)[0]?.length, 3000);
    const fetches = pair.sentBy('client').filter(({ code }, index) => code === Method.get && index > 0);
    assert.equal(fetches.length, 2);
    assert.ok(fetches.every((fetch) => fetch.tokenKey !== token && fetch.options.uint(6) === undefined));
    assert.equal(new Set(fetches.map(({ tokenKey }) => tokenKey)).size, 2);
  });
});
