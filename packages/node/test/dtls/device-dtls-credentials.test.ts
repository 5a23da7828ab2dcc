import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { instantFrom, Secret } from '@dunlin/base';
import { isRefusal, type PeerEvidence } from '@dunlin/dtls';
import { deviceDtlsCredentials, type DtlsCredentials } from '@dunlin/node';
import { type CredentialProof, DeviceCredentials, MemoryCredentialStore } from '@dunlin/server';

import { authority, type Certified, issue } from '../../../dtls/test/support/certificate-authority.ts';

const noon = instantFrom(Date.UTC(2030, 0, 1, 12));

interface World {
  readonly credentials: DeviceCredentials;
  readonly dtls: DtlsCredentials;
  readonly keep: (id: string, endpointName: string | undefined, proof: CredentialProof) => void;
  /** The credential id that vouches for the evidence, or why there is none. */
  readonly judge: (evidence: PeerEvidence) => Promise<string>;
}

function world(time = noon): World {
  const credentials = new DeviceCredentials(new MemoryCredentialStore());
  const dtls = deviceDtlsCredentials(credentials, { clock: () => time });
  return {
    credentials,
    dtls,
    keep: (id, endpointName, proof) => {
      const key = proof.kind === 'psk' ? { key: new Secret(Uint8Array.of(1, 2, 3)) } : {};
      void credentials.put({ id, endpointName, proof, createdAt: noon, ...key });
    },
    async judge(evidence) {
      const answer = await dtls.trusts(evidence);
      if (answer === undefined) return 'nobody';
      return isRefusal(answer) ? answer.reason : answer.credentialId;
    },
  };
}

const certified = (...chain: readonly Certified[]): PeerEvidence => ({
  kind: 'certificate',
  certificate: { kind: 'x509', chain: chain.map(({ certificate }) => certificate) },
});
const bare = ({ publicKey }: Certified): PeerEvidence => ({
  kind: 'certificate',
  certificate: { kind: 'raw-public-key', subjectPublicKeyInfo: publicKey },
});
const anchorOf = ({ certificate }: Certified): CredentialProof => ({ kind: 'trust-anchor', certificate });

describe('the credentials of devices for DTLS', () => {
  test('give the key of a PSK identity and what vouches for it (R-710)', async () => {
    const { dtls, keep } = world();
    keep('1', 'node-1', { kind: 'psk', identity: 'i' });
    const found = await dtls.pskFor('i');
    assert.deepEqual(found?.key.reveal(), Uint8Array.of(1, 2, 3));
    assert.equal(found?.credentialId, '1');
    assert.equal(await dtls.pskFor('j'), undefined);
    assert.equal(await dtls.pskFor('i'.repeat(257)), undefined);
  });

  test('trust a raw public key that is kept, and no other (R-711)', async () => {
    const { keep, judge } = world();
    const device = issue();
    keep('1', 'node-1', { kind: 'raw-public-key', publicKey: device.publicKey });
    assert.equal(await judge(bare(device)), '1');
    assert.equal(await judge(bare(issue())), 'No credential has this public key.');
  });

  test('trust a certificate that is kept itself, whoever issued it, while it is valid (R-712)', async () => {
    const { keep, judge } = world();
    const device = issue({ subject: 'no-name' });
    const late = issue({ notAfter: '20291231235959Z' });
    keep('1', 'node-1', { kind: 'certificate', certificate: device.certificate });
    keep('2', 'node-2', { kind: 'certificate', certificate: late.certificate });
    assert.equal(await judge(certified(device)), '1');
    assert.match(await judge(certified(late)), /expired|valid/);
    assert.notEqual(await judge(certified(issue({ subject: 'no-name' }))), '1');
  });

  test('trust a certificate of an authority that vouches for every endpoint', async () => {
    const { keep, judge } = world();
    const issuer = authority('issuer');
    keep('1', undefined, anchorOf(issuer));
    assert.equal(await judge(certified(issue({ subject: 'node-1' }, issuer))), '1');
    const stranger = issue({ subject: 'node-1' }, authority('issuer'));
    assert.match(await judge(certified(stranger)), /^The .*(authority|trust|signature)/);
  });

  test('choose, of the endpoints of one authority, the one that the certificate names', async () => {
    const { keep, judge } = world();
    const issuer = authority('issuer');
    keep('1', 'node-1', anchorOf(issuer));
    keep('2', 'node-2', anchorOf(issuer));
    assert.equal(await judge(certified(issue({ subject: 'node-2' }, issuer))), '2');
    assert.match(
      await judge(certified(issue({ subject: 'node-3' }, issuer))),
      /names no endpoint that its authority vouches for/,
    );
  });

  test('do not let the authority of one endpoint vouch for the name of another', async () => {
    const { keep, judge } = world();
    const first = authority('first');
    const second = authority('second');
    keep('1', 'node-1', anchorOf(first));
    keep('2', 'node-2', anchorOf(second));
    assert.match(
      await judge(certified(issue({ subject: 'node-1' }, second))),
      /names no endpoint that its authority vouches for/,
    );
  });

  test('let who was trusted come back until the credential is gone or the certificate has expired', async () => {
    const { credentials, keep, judge } = world();
    const device = issue({ subject: 'node-1' });
    const late = issue({ subject: 'node-2', notAfter: '20291231235959Z' });
    keep('1', 'node-1', { kind: 'certificate', certificate: device.certificate });
    keep('2', 'node-2', { kind: 'certificate', certificate: late.certificate });
    const session = ({ certificate }: Certified, credentialId: string): PeerEvidence => ({
      kind: 'session',
      peer: { kind: 'certificate', certificate },
      credentialId,
    });
    assert.equal(await judge(session(device, '1')), '1');
    assert.notEqual(await judge(session(late, '2')), '2');
    await credentials.remove('1');
    assert.equal(await judge(session(device, '1')), 'The credential was removed.');
  });

  test('tell ids that are revoked', async () => {
    const { credentials, dtls, keep } = world();
    const told: string[] = [];
    dtls.revoked?.subscribe((id) => told.push(id));
    keep('1', 'node-1', { kind: 'psk', identity: 'i' });
    keep('2', 'node-1', { kind: 'psk', identity: 'i' });
    await credentials.remove('2');
    assert.deepEqual(told, ['1', '2']);
  });
});
