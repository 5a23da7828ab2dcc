import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { establishedPair } from '../support/established.ts';
import { modeOf } from '../support/modes.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');

/** Where the server is with a resumption after a hello, a cookie and a hello of 10 ms each: it awaits Finished. */
const whileServerWaits = 35;

describe('a credential that is revoked while its peer is in a handshake', () => {
  for (const { revoked, established } of [
    { revoked: 'thermometer', established: 1 },
    { revoked: 'barometer', established: 2 },
  ]) {
    it(`gives ${established - 1} new associations when ${revoked} is revoked (checklist 21)`, () => {
      const { world, server, client, clientSide } = establishedPair(mode, 1);
      client.endpoint.connect(server.address, { ...mode.client, resume: clientSide.session }, world.now);
      world.run(whileServerWaits);
      assert.equal(server.all('verify-peer').length, 1, 'the server has its answer');
      assert.equal(server.endpoint.handshakes, 1);
      server.endpoint.revoke(revoked, world.now);
      world.run(2000);
      assert.equal(server.all('established').length, established);
      assert.equal(server.endpoint.handshakes, 0);
      assert.equal(server.endpoint.associations, established - 1);
      assert.deepEqual(
        server.all('failed').map(({ reason }) => reason),
        established === 1 ? ['closed-here'] : [],
      );
    });
  }
});
