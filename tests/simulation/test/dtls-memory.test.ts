import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { addDuration, type Instant, milliseconds } from '@dunlin/base';

import { validTime } from '../../../packages/dtls/test/support/certificate-authority.ts';
import { modeOf, serverAnswers } from '../../../packages/dtls/test/support/modes.ts';
import { addressOf, Party, randomOf } from '../../../packages/dtls/test/support/party.ts';
import { helloRecord } from '../../../packages/dtls/test/support/raw.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use on the heap and outside of it. */
function usedBytes(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');

function serverWithIds(): Party {
  const limits = { maxAssociationsPerHost: 100_000 };
  return new Party(
    addressOf('192.0.2.1', 5684),
    {
      random: randomOf(1),
      role: 'server',
      ...mode.server,
      connectionId: { length: 8 },
      limits,
      sessions: { maxSessions: 1 },
    },
    serverAnswers,
  );
}

/** A client makes an association, sends and gets a few texts, and is forgotten. */
function visit(server: Party, port: number, now: Instant): void {
  const client = new Party(addressOf('198.51.100.7', port), {
    random: randomOf(port),
    role: 'client',
    suites: [mode.suite],
    connectionId: { length: 0 },
  });
  const id = client.endpoint.connect(server.address, mode.client, now);
  const exchange = (): void => {
    for (let isBusy = true; isBusy;) {
      const sent = [...client.drain(now), ...server.drain(now)];
      for (const { datagram, from, to } of sent) {
        (to.key === server.address.key ? server : client).endpoint.handle(datagram, from, now);
      }
      isBusy = sent.length > 0;
    }
  };
  exchange();
  const [made] = server.all('established');
  assert.ok(made);
  for (let count = 0; count < 12; count += 1) {
    client.endpoint.send(id, new Uint8Array(40), now);
    server.endpoint.send(made.association, new Uint8Array(40), now);
    exchange();
  }
  server.outputs.length = 0;
}

describe('the memory of a DTLS server', () => {
  it('for an idle association is at most 3 KiB, a moment after it was in use', () => {
    const server = serverWithIds();
    for (let port = 1; port <= 100; port += 1) visit(server, port, validTime);
    const before = usedBytes();
    const count = 600;
    for (let port = 1001; port <= 1000 + count; port += 1) visit(server, port, validTime);
    server.endpoint.wake(addDuration(validTime, milliseconds(61_000)));
    const each = (usedBytes() - before) / count;
    assert.equal(server.endpoint.associations, 100 + count);
    assert.ok(each <= 3072, `${Math.round(each)} bytes for each association`);
  });

  it('does not grow with hellos from spoofed addresses, nor with datagrams that are nothing (checklist 1, 5)', () => {
    const server = serverWithIds();
    const flood = (first: number): void => {
      for (let index = first; index < first + 5000; index += 1) {
        const from = addressOf(`198.18.${(index >> 8) & 255}.${index & 255}`, 1 + (index % 60_000));
        const random = new Uint8Array(32).fill(index & 255);
        server.endpoint.handle(helloRecord({ random }), from, validTime);
        server.endpoint.handle(new Uint8Array(30).fill(index & 255), from, validTime);
        server.drain(validTime);
        server.outputs.length = 0;
      }
    };
    flood(0);
    const before = usedBytes();
    flood(10_000);
    const growth = usedBytes() - before;
    assert.ok(growth < 100_000, `${growth} bytes`);
    assert.equal(server.endpoint.associations, 0);
  });
});
