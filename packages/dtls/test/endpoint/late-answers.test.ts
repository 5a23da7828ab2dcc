import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Secret } from '@dunlin/base';

import { rawPublicKeyCredential } from '../../src/credentials/credential.ts';
import type { TrustAnswer } from '../../src/handshake/handshake-action.ts';
import type { Session } from '../../src/session.ts';
import { makeKeys } from '../support/certificate-authority.ts';
import { wellFormed } from '../support/codec.ts';
import { type EstablishedPair, establishedPair } from '../support/established.ts';
import { type Mode, modeOf, sharedKey } from '../support/modes.ts';
import { lastEstablished, type OutputOf, type Party } from '../support/party.ts';

const trusted: TrustAnswer = { kind: 'trusted', credentialId: 'thermometer' };
const key = { key: sharedKey, credentialId: 'thermometer' };

/** The mode with a server that asks outside whom to trust. */
function asking({ name, suite, server, client, identity }: Mode): Mode {
  const { suites = [suite], credentials = {} } = server;
  return { name, suite, server: { suites, credentials }, client, identity };
}

/** An established pair whose server gets no more answers from here on but those that a test gives. */
function unanswered(mode: Mode, seed: number): EstablishedPair & { readonly session: Session } {
  let isAnswering = true;
  const pair = establishedPair(mode, seed, {
    answers: { psk: () => (isAnswering ? key : 'later'), trust: () => (isAnswering ? trusted : 'later') },
  });
  isAnswering = false;
  const { session } = pair.clientSide;
  assert.ok(session);
  return { ...pair, session };
}

function lastQuestion<Kind extends 'psk-lookup' | 'verify-peer'>(server: Party, kind: Kind): OutputOf<Kind> {
  const question = server.all(kind).at(-1);
  assert.ok(question);
  return question;
}

describe('an answer that comes after the handshake went on without it (checklist 25)', () => {
  test('about a session does not count for the key of somebody who only knows its id', () => {
    const mode = asking(modeOf('TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 with raw'));
    const pair = unanswered(mode, 1);
    const { world, client, server, session } = pair;
    const stranger = wellFormed(rawPublicKeyCredential(makeKeys().privateKey));
    const guessed = { ...session, masterSecret: new Secret(new Uint8Array(48)) };
    client.endpoint.connect(
      server.address,
      { ...mode.client, credential: stranger, resume: guessed },
      world.now,
    );
    world.run(500);
    const aboutSession = lastQuestion(server, 'verify-peer');
    assert.equal(aboutSession.evidence.kind, 'session');
    world.run(12_000);
    const aboutKey = lastQuestion(server, 'verify-peer');
    assert.equal(aboutKey.evidence.kind, 'certificate');

    server.endpoint.answerVerification(aboutSession.lookup, trusted, world.now);
    world.run(2000);
    assert.equal(server.all('established').length, 1, 'only the first');
    server.endpoint.answerVerification(
      aboutKey.lookup,
      { kind: 'refused', reason: 'A stranger.' },
      world.now,
    );
    world.run(2000);
    assert.deepEqual(
      server.all('failed').map(({ detail }) => detail),
      ['A stranger.'],
    );
  });

  test('does not take the place of the answer to the next question', () => {
    const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
    const { world, client, server, session } = unanswered(mode, 2);
    client.endpoint.connect(server.address, { ...mode.client, resume: session }, world.now);
    world.run(12_000);
    const aboutSession = lastQuestion(server, 'verify-peer');
    const aboutKey = lastQuestion(server, 'psk-lookup');
    server.endpoint.answerVerification(aboutSession.lookup, trusted, world.now);
    server.endpoint.answerPskLookup(aboutKey.lookup, key, world.now);
    world.run(4000);
    assert.deepEqual(
      server.all('established').map(({ isResumed }) => isResumed),
      [false, false],
    );
    assert.equal(lastEstablished(client)?.isResumed, false);
  });
});
