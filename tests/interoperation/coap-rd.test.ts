// Our client registers with libcoap's resource directory, which knows nothing of LwM2M. (Version 4.3.1 of it frees a
// registration twice when it is deleted and aborts: the client closes all the same.)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { device, LwM2mClient } from '@dunlin/client';
import { udp } from '@dunlin/node';

import { coapClient } from '../support/coap-client.ts';
import { freePort } from '../support/free-port.ts';
import { skipWithout } from '../support/peer-program.ts';
import { Program } from '../support/program.ts';

const skip = skipWithout('coap-rd-notls', 'coap-client-notls');

describe('libcoap’s resource directory', { skip }, () => {
  it('takes our client’s registration, and shows it', async () => {
    const port = await freePort();
    await using directory = new Program(['coap-rd-notls', '-A', '127.0.0.1', '-p', String(port), '-v', '7']);
    await directory.waitFor(/created UDP +endpoint/);
    const uri = `coap://127.0.0.1:${port}`;
    const client = await LwM2mClient.open({
      endpoint: 'urn:dev:ops:32473-at-rd',
      servers: [{ uri, shortServerId: 1 }],
      objects: [device({ manufacturer: 'Dunlin', onReboot: () => undefined })],
      binding: udp({ port: 0, address: '127.0.0.1' }),
    });
    try {
      await client.whenRegistered(AbortSignal.timeout(60_000));
      const location = client.servers[0]?.location ?? '';
      assert.match(location, /^\/rd\//, directory.stdout);
      const { stdout } = await coapClient(`${uri}/.well-known/core`);
      assert.ok(stdout.includes(`<${location}>`), stdout);
      await directory.waitFor(
        /Uri-Query:ep=urn:dev:ops:32473-at-rd, Uri-Query:lt=86400, Uri-Query:lwm2m=1\.0/,
      );
    } finally {
      await client.close();
    }
  });
});
