import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom, milliseconds, noBytes } from '@dunlin/base';

import { decideResumption, mayOfferSession, type ResumptionOffer } from '../src/resumption.ts';
import { SessionCache } from '../src/session-cache.ts';
import { AlertDescription } from '../src/wire/alert-description.ts';
import { makeSession } from './support/saved-associations.ts';

const now = instantFrom(1_000_000);
const later = (duration: number): typeof now => instantFrom(now + duration);

/** The id of a session, by one letter. */
const idOf = (letter: string): Uint8Array => new Uint8Array(32).fill(letter.codePointAt(0) ?? 0);

describe('SessionCache', () => {
  it('gives a session back by its id, as a copy that outlives it (RFC 5246 §7.3)', () => {
    const cache = new SessionCache();
    const session = makeSession();
    cache.remember(session, now);
    session.masterSecret.destroy();
    const found = cache.find(new Uint8Array(32).fill(0x51), now);
    cache.forget(session.id);
    assert.deepEqual(found?.masterSecret.reveal(), new Uint8Array(48).fill(0xa5));
    assert.deepEqual(found.id, session.id);
    assert.equal(cache.find(session.id, now), undefined);
    assert.equal(cache.find(idOf('a'), now), undefined);
  });

  it('ends a session when its time is over, however often it was resumed (checklist 21)', () => {
    const cache = new SessionCache({ maxLifetime: milliseconds(1000) });
    const id = idOf('a');
    cache.remember(makeSession({ id, establishedAt: now }), now);
    assert.ok(cache.find(id, later(999)));
    cache.remember(makeSession({ id, establishedAt: now }), later(999));
    assert.equal(cache.find(id, later(1000)), undefined);
    assert.equal(cache.size, 0);
    cache.remember(makeSession({ id: idOf('f'), establishedAt: later(1000) }), later(1000));
    cache.remember(makeSession({ id: idOf('o'), establishedAt: now }), later(1000));
    assert.equal(cache.size, 1);
    assert.ok(cache.find(idOf('f'), later(1999)));
  });

  it('is bounded, and lets go of what was not used for longest (checklist 5)', () => {
    const cache = new SessionCache({ maxSessions: 3 });
    for (const letter of ['a', 'b', 'c']) cache.remember(makeSession({ id: idOf(letter) }), now);
    assert.ok(cache.find(idOf('a'), now));
    cache.remember(makeSession({ id: idOf('d') }), now);
    cache.remember(makeSession({ id: idOf('d') }), now);
    assert.equal(cache.size, 3);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((letter) => cache.find(idOf(letter), now) !== undefined),
      [true, false, true, true],
    );
  });

  it('forgets every session of a credential that is revoked, and no other (checklist 21)', () => {
    const cache = new SessionCache();
    for (const [letter, credentialId] of [
      ['a', 'psk:1'],
      ['b', 'psk:2'],
      ['c', 'psk:1'],
    ] as const) {
      cache.remember(makeSession({ id: idOf(letter), credentialId }), now);
    }
    assert.equal(cache.revoke('psk:1'), 2);
    assert.equal(cache.revoke('psk:1'), 0);
    assert.deepEqual(
      ['a', 'b', 'c'].map((letter) => cache.find(idOf(letter), now) !== undefined),
      [false, true, false],
    );
    cache.clear();
    assert.equal(cache.size, 0);
  });

  it('remembers no session that may not be resumed: without id or extended master secret (RFC 7627 §5.3)', () => {
    const cache = new SessionCache();
    cache.remember(makeSession({ id: noBytes }), now);
    cache.remember(makeSession({ hasExtendedMasterSecret: false }), now);
    assert.equal(cache.size, 0);
  });
});

describe('resumption (checklist 21)', () => {
  const session = makeSession({ serverName: 'server.example', maxFragmentLength: 512 });
  const offer: ResumptionOffer = {
    cipherSuites: [0xc0ae, session.suite.code],
    serverName: 'server.example',
    offersExtendedMasterSecret: true,
    maxFragmentLength: 512,
  };
  const kindOf = (changes: Partial<ResumptionOffer>): string =>
    decideResumption(session, { ...offer, ...changes }).kind;

  it('is granted to a hello on the same terms', () => {
    assert.equal(kindOf({}), 'resume');
  });

  it('ends the handshake when the session had an extended master secret and the hello has not (RFC 7627 §5.3)', () => {
    const decision = decideResumption(session, { ...offer, offersExtendedMasterSecret: false });
    assert.equal(decision.kind === 'abort' && decision.alert, AlertDescription.handshakeFailure);
  });

  it('becomes a full handshake when the session had no extended master secret (RFC 7627 §5.3)', () => {
    const old = makeSession({ hasExtendedMasterSecret: false });
    assert.equal(decideResumption(old, offer).kind, 'full-handshake');
  });

  it('becomes a full handshake with another suite, name or fragment length (RFC 6066 §3, §4)', () => {
    const full: readonly Partial<ResumptionOffer>[] = [
      { cipherSuites: [0xc0ae] },
      { serverName: undefined },
      { serverName: 'other.example' },
      { maxFragmentLength: undefined },
      { maxFragmentLength: 1024 },
    ];
    for (const changes of full) assert.equal(kindOf(changes), 'full-handshake', JSON.stringify(changes));
  });

  it('is asked for by a client only with the same credential and on the same terms', () => {
    const request = {
      cipherSuites: offer.cipherSuites,
      serverName: 'server.example',
      maxFragmentLength: 512,
      credentialId: session.credentialId,
      now,
      maxLifetime: milliseconds(1000),
    };
    assert.ok(mayOfferSession(session, request));
    assert.ok(!mayOfferSession(session, { ...request, credentialId: 'psk:dev2' }));
    assert.ok(!mayOfferSession(session, { ...request, serverName: undefined }));
    assert.ok(!mayOfferSession(session, { ...request, maxFragmentLength: undefined }));
    assert.ok(mayOfferSession({ ...session, maxFragmentLength: undefined }, request), 'the server took none');
    assert.ok(!mayOfferSession(session, { ...request, cipherSuites: [0xc0ae] }));
    assert.ok(!mayOfferSession(session, { ...request, now: later(1000) }));
    assert.ok(!mayOfferSession({ ...session, id: noBytes }, request));
    assert.ok(!mayOfferSession({ ...session, hasExtendedMasterSecret: false }, request));
  });
});
