import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { utf8Encode } from '@dunlin/base';

import { pskCredential } from '../../src/credentials/credential.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { wellFormed } from '../support/codec.ts';
import { keyCredential, modeOf, type Pair, pairOf, sharedKey } from '../support/modes.ts';
import { lastEstablished, type OutputOf, sendText } from '../support/party.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
const wrongKey = utf8Encode('fedcba9876543210');

/** What can be seen of a failed handshake from outside: all datagrams by time, direction, length and type. */
function traceOf(pair: Pair, credential: ReturnType<typeof keyCredential>): readonly string[] {
  const { world, client, server } = pair;
  const trace: string[] = [];
  world.path = (flying) => {
    const { datagram, to } = flying;
    const isAlert = datagram[0] === ContentType.alert;
    trace.push(
      `${world.now} ${to.port} ${datagram.length} ${(isAlert ? datagram : datagram.subarray(0, 1)).join(' ')}`,
    );
    return [flying];
  };
  client.endpoint.connect(server.address, { credential }, world.now);
  world.run(200_000);
  assert.equal(lastEstablished(client), undefined);
  assert.equal(lastEstablished(server), undefined);
  return trace;
}

describe('an unknown identity and a wrong key (RFC 4279 §2, checklist 25)', () => {
  const unknown = keyCredential(sharedKey, 'urn:dev:ops:32473-thermometer-43');
  for (const suite of ['TLS_PSK_WITH_AES_128_CCM_8', 'TLS_ECDHE_PSK_WITH_AES_128_CBC']) {
    for (const wrongKeyResponse of ['alert', 'silence'] as const) {
      test(`fail in the same way, ${suite}, ${wrongKeyResponse}`, () => {
        const options = { server: { handshake: { wrongKeyResponse } } };
        const traces = [unknown, keyCredential(wrongKey)].map((credential) =>
          traceOf(pairOf(modeOf(suite), 1, options), credential),
        );
        assert.deepEqual(traces[0], traces[1]);
        assert.ok((traces[0]?.length ?? 0) <= 30, 'no loop');
      });
    }
  }

  test('are told by one alert, decrypt_error, and reported alike', () => {
    for (const credential of [unknown, keyCredential(wrongKey)]) {
      const pair = pairOf(mode, 2);
      traceOf(pair, credential);
      assert.deepEqual(
        pair.server
          .all('failed')
          .map(({ reason, alert, detail }) => [
            reason,
            alert,
            detail.includes('key is wrong or its identity unknown'),
          ]),
        [['wrong-key', 51, true]],
      );
      assert.deepEqual(
        pair.client.all('failed').map(({ reason, alert }) => [reason, alert]),
        [['alert', 51]],
      );
      assert.doesNotMatch(
        JSON.stringify([...pair.server.outputs, ...pair.client.outputs]),
        /fedcba|0123456789abcdef/,
      );
    }
  });

  test('are looked up in the same way, also when the identity cannot be one', () => {
    for (const identity of ['x'.repeat(257), '']) {
      const asked: (string | undefined)[] = [];
      const pair = pairOf(mode, 3, {
        answers: {
          psk: (question) => {
            asked.push(question.identity);
            return undefined;
          },
        },
      });
      const credential = { ...wellFormed(pskCredential('x', sharedKey)), identity };
      traceOf(pair, credential);
      assert.deepEqual(asked, [undefined]);
    }
  });

  test('also of an identity whose key is empty', () => {
    const pair = pairOf(mode, 3, { answers: { psk: () => ({ key: new Uint8Array(0), credentialId: 'x' }) } });
    traceOf(pair, keyCredential());
    assert.deepEqual(
      pair.server.all('failed').map(({ reason }) => reason),
      ['wrong-key'],
    );
  });
});

describe('the look-up of a key', () => {
  /** A pair whose server has asked and got no answer yet. */
  function asking(): Pair & { readonly question: OutputOf<'psk-lookup'> } {
    const pair = pairOf(mode, 4, { answers: {} });
    pair.client.endpoint.connect(pair.server.address, mode.client, pair.world.now);
    pair.world.run(500);
    const [question] = pair.server.all('psk-lookup');
    assert.ok(question);
    return { ...pair, question };
  }
  const answer = { key: sharedKey, credentialId: 'thermometer' };

  test('may take its time (checklist 25)', () => {
    const { world, client, server, question } = asking();
    world.run(5000);
    server.endpoint.answerPskLookup(question.lookup, answer, world.now);
    world.run(5000);
    assert.ok(lastEstablished(server) && lastEstablished(client));
    assert.equal(server.all('psk-lookup').length, 1, 'retransmissions ask no second time');
  });

  test('fails like a wrong key when it takes too long, and a late answer is passed over (checklist 25)', () => {
    const { world, server, question } = asking();
    world.run(11_000);
    assert.deepEqual(
      server.all('failed').map(({ reason }) => reason),
      ['wrong-key'],
    );
    server.endpoint.answerPskLookup(question.lookup, answer, world.now);
    world.run(100_000);
    assert.equal(lastEstablished(server), undefined);
    assert.equal(server.endpoint.associations, 0);
  });

  test('takes the first answer and no other (checklist 25)', () => {
    const { world, server, client, question } = asking();
    server.endpoint.answerPskLookup(question.lookup, answer, world.now);
    server.endpoint.answerPskLookup(question.lookup, undefined, world.now);
    server.endpoint.answerVerification(question.lookup, { kind: 'refused', reason: 'no' }, world.now);
    world.run(5000);
    assert.ok(lastEstablished(server) && lastEstablished(client));
    server.endpoint.answerPskLookup(question.lookup, undefined, world.now);
    assert.equal(server.endpoint.associations, 1);
  });

  test('is not answered by one about trust (checklist 25)', () => {
    const { world, server, question } = asking();
    server.endpoint.answerVerification(question.lookup, { kind: 'trusted', credentialId: 'x' }, world.now);
    world.run(1000);
    assert.equal(lastEstablished(server), undefined);
  });
});

test('a host that fails too often is passed over for a while (checklist 25)', () => {
  const { world, client, server } = pairOf(mode, 5, { server: { failures: { maxFailures: 3 } } });
  for (let attempt = 0; attempt < 5; attempt += 1) {
    client.endpoint.connect(server.address, { credential: keyCredential(wrongKey) }, world.now);
    world.run(2000);
  }
  assert.equal(server.all('failed').length, 3);
  assert.ok(server.all('diagnostic').some(({ problem }) => problem === 'refused-for-failures'));
  world.run(61_000);
  client.endpoint.connect(server.address, mode.client, world.now);
  world.run(3000);
  assert.ok(lastEstablished(server));
});

test('the identity hint of a server comes through (RFC 4279 §2)', () => {
  for (const suite of ['TLS_PSK_WITH_AES_128_CCM_8', 'TLS_ECDHE_PSK_WITH_AES_128_CCM_8']) {
    const credentials = { preSharedKeys: { identityHint: 'servers name' } };
    const hinted = modeOf(suite);
    const { world, client, server } = pairOf(hinted, 6, { server: { credentials } });
    const id = client.endpoint.connect(server.address, hinted.client, world.now);
    sendText(world, client, id, 'x');
    world.run(3000);
    assert.deepEqual(server.texts(), ['x']);
  }
});
