import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode, Secret } from '@dunlin/base';
import type { GivenSecurity, IssueOutcome } from '@dunlin/bootstrap';
import { isMalformed, parsePrivateKey, rawPublicKeyCredential } from '@dunlin/dtls';
import { type CredentialProof, DeviceCredentials, MemoryCredentialStore } from '@dunlin/server';
import { pino } from 'pino';

import { issue } from '../../../../packages/dtls/test/support/certificate-authority.ts';
import { AccountIssuer } from '../../src/server/account-issuer.ts';
import { noon } from '../support/fake-server.ts';

const serverPublicKey = issue().publicKey;

function world() {
  const store = new MemoryCredentialStore();
  const credentials = new DeviceCredentials(store);
  const lines: string[] = [];
  let lastId = 0;
  const issuer = new AccountIssuer({
    credentials,
    serverPublicKey,
    newCredentialId: () => {
      lastId += 1;
      return `c${lastId}`;
    },
    now: () => noon,
    log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
  });
  const make = async (
    endpointName: string,
    outcome?: IssueOutcome,
    proof: 'psk' | 'raw-public-key' = 'psk',
  ): Promise<GivenSecurity> => {
    const account = { uri: 'coaps://x', shortServerId: 1, security: { kind: 'issued', proof } } as const;
    const issued = await issuer.issue({ endpointName, account, proof });
    if (outcome !== undefined) issued.settle(outcome);
    await new Promise(setImmediate);
    return issued.security;
  };
  const identities = (endpointName: string): readonly string[] => {
    const found = store.ofEndpoint(endpointName);
    return found.map(({ proof }) => (proof.kind === 'psk' ? proof.identity : proof.kind)).sort();
  };
  const add = (endpointName: string, proof: CredentialProof): void => {
    lastId += 1;
    const key = proof.kind === 'psk' ? { key: new Secret(new Uint8Array(16)) } : {};
    store.put({ id: `other-${lastId}`, createdAt: noon, endpointName, proof, ...key });
  };
  return { store, credentials, lines, make, identities, add };
}

function keyIn(security: GivenSecurity): string {
  assert.ok(security.kind === 'psk');
  return hexEncode(security.key.reveal());
}

describe('keys that are made for accounts', () => {
  it('are credentials of the server from the moment a device may have them', async () => {
    const { make, store } = world();
    const security = await make('lamp');
    assert.ok(security.kind === 'psk');
    assert.equal(security.identity, 'lamp');
    assert.match(keyIn(security), /^[0-9a-f]{32}$/);
    const kept = store.findPreSharedKey('lamp');
    assert.equal(kept && hexEncode(kept.key.reveal()), keyIn(security));
    assert.equal(kept?.credential.endpointName, 'lamp');
  });

  it('are other ones in every bootstrap', async () => {
    const { make } = world();
    assert.notEqual(keyIn(await make('lamp', 'given')), keyIn(await make('lamp', 'given')));
  });

  it('take the place of the old one only when the device has them', async () => {
    const { make, identities, credentials } = world();
    const revoked: string[] = [];
    credentials.revoked.subscribe(({ id }) => revoked.push(id));
    await make('lamp', 'given');
    await make('lamp');
    assert.deepEqual(identities('lamp'), ['lamp', 'lamp#1'], 'during the bootstrap both count');
    await make('lamp', 'given');
    assert.deepEqual(identities('lamp'), ['lamp#2']);
    assert.deepEqual(revoked.sort(), ['c1', 'c2'], 'associations with the old ones end');
    await make('lamp', 'given');
    assert.deepEqual(identities('lamp'), ['lamp']);
  });

  it('go again when the device has not got them, and the old one stays', async () => {
    const { make, identities, store } = world();
    const first = await make('lamp', 'given');
    await make('lamp', 'not-given');
    assert.deepEqual(identities('lamp'), ['lamp']);
    const kept = store.findPreSharedKey('lamp');
    assert.equal(kept && hexEncode(kept.key.reveal()), keyIn(first));
  });

  it('count beside the old one when it is not known whether the device has them', async () => {
    const { make, identities } = world();
    await make('lamp', 'given');
    await make('lamp', 'unknown');
    assert.deepEqual(identities('lamp'), ['lamp', 'lamp#1']);
    await make('lamp', 'given');
    assert.deepEqual(identities('lamp'), ['lamp#2'], 'the next bootstrap clears up');
  });

  it('leave identities alone that were not made here, and those of other endpoints', async () => {
    const { make, identities, add } = world();
    add('lamp', { kind: 'psk', identity: 'by hand' });
    add('lamp', { kind: 'psk', identity: 'lamp#x' });
    add('lamp', { kind: 'raw-public-key', publicKey: issue().publicKey });
    // An endpoint whose own identity is one that would be made for lamp.
    add('other', { kind: 'psk', identity: 'lamp' });
    const security = await make('lamp', 'given');
    assert.ok(security.kind === 'psk');
    assert.equal(security.identity, 'lamp#1');
    assert.deepEqual(identities('lamp'), ['by hand', 'lamp#1', 'lamp#x', 'raw-public-key']);
    assert.deepEqual(identities('other'), ['lamp']);
  });

  it('can be raw public keys, with what the device knows the server by', async () => {
    const { make, store } = world();
    const security = await make('lamp', 'given', 'raw-public-key');
    assert.ok(security.kind === 'raw-public-key');
    assert.deepEqual(security.serverPublicKey, serverPublicKey);
    const key = parsePrivateKey(security.privateKey.reveal());
    assert.ok(!isMalformed(key));
    assert.ok(!isMalformed(rawPublicKeyCredential(key, security.publicKey)), 'the two are a pair');
    const proof = { kind: 'raw-public-key', publicKey: security.publicKey } as const;
    assert.equal(store.findByProof(proof)?.endpointName, 'lamp');
    await make('lamp', 'given', 'raw-public-key');
    assert.equal(store.ofEndpoint('lamp').length, 1);
  });

  it('have an identity that every device takes, however long the endpoint name is (R-710)', async () => {
    const { make, identities } = world();
    for (const endpointName of ['x'.repeat(252), 'ö'.repeat(61)]) {
      const first = await make(endpointName);
      assert.ok(first.kind === 'psk');
      assert.ok(Buffer.byteLength(first.identity) <= 128, first.identity);
      await make(endpointName, 'given');
      assert.equal(identities(endpointName).length, 1);
    }
    const longest = 'x'.repeat(120);
    assert.equal((await make(longest)).kind, 'psk');
    assert.deepEqual(identities(longest), [longest]);
  });

  it('are not made when the endpoint has no room for them, and the reason says so', async () => {
    const { make, add } = world();
    for (let index = 0; index < 16; index += 1) {
      add('lamp', { kind: 'psk', identity: `i${index}` });
    }
    await assert.rejects(make('lamp'), /lamp has 16 credentials/);
  });

  it('never get into the log, which says that there is a new credential', async () => {
    const { make, lines } = world();
    const key = keyIn(await make('lamp', 'given'));
    assert.match(lines.join(''), /issued a credential/);
    assert.ok(!lines.join('').includes(key.slice(0, 8)));
  });

  it('say so in the log when they cannot be put in order afterwards', async () => {
    const { make, lines, store } = world();
    await make('lamp', 'given');
    store.remove = () => {
      throw new Error('the disk is full');
    };
    await make('lamp', 'not-given');
    assert.match(lines.at(-1) ?? '', /could not put the credentials in order.*/);
    assert.match(lines.at(-1) ?? '', /the disk is full/);
  });
});
