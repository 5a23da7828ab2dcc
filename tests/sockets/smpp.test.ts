// SMPP over real connections of the loopback interface, TCP and TLS, with the message centre for tests.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';

import { hexDecode, milliseconds, noBytes, Secret, utf8Encode } from '@dunlin/base';
import { smpp, type SmppCarrier, type SmppOptions } from '@dunlin/node';
import type { CarrierEvent } from '@dunlin/sms';

import {
  authority,
  dnsName,
  extendedKeyUsage,
  issue,
  keyUsage,
  serverAuth,
  subjectAltName,
} from '../../packages/dtls/test/support/certificate-authority.ts';
import { pem } from '../../packages/dtls/test/support/pem.ts';
import { MessageCentreServer, type ServerTls } from '../support/sms/message-centre-server.ts';
import { until } from '../support/until.ts';

const accounts = [
  { systemId: 'lwm2m', password: 's3cret', number: '10690' },
  { systemId: 'device', password: 'other', number: '491700000001' },
];

/** Short waits, so that the tests are not long. */
const limits = {
  drainTimeout: milliseconds(200),
  transactionsPerSecond: 1000,
  firstReconnectDelay: milliseconds(20),
  longestReconnectDelay: milliseconds(40),
};

describe('SMPP over TCP', () => {
  it('carries messages in both directions, with receipts', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    await using server = party(centre.url, 'lwm2m', 's3cret');
    await using device = party(centre.url, 'device', 'other');
    await Promise.all([server.up(), device.up()]);
    const userData = Uint8Array.from({ length: 140 }, (_, index) => index);
    server.send(1, '491700000001', userData);
    await until(() => server.of('receipt').length === 1);
    assert.deepEqual(server.of('receipt'), [{ kind: 'receipt', id: 1, state: 'delivered' }]);
    assert.deepEqual(
      device.of('received').map(({ message }) => [message.from, message.userData]),
      [['10690', userData]],
    );
    device.send(1, '10690', Uint8Array.of(9));
    await until(() => server.of('received').length === 1);
    assert.equal(server.carrier.statistics.received, 1);
    assert.equal(server.carrier.status.kind, 'bound');
  });

  it('comes again after the message centre was restarted, and loses nothing that was accepted', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    await using server = party(centre.url, 'lwm2m', 's3cret');
    await server.up();
    server.send(1, '491700000001', Uint8Array.of(1));
    await until(() => server.of('accepted').length === 1);
    centre.restart();
    await until(() => server.of('down').length === 1);
    await using device = party(centre.url, 'device', 'other');
    await until(() => server.of('up').length === 2 && device.of('received').length === 1);
    await until(() => server.of('receipt').length === 1);
  });

  it('never submits again what a message centre took and did not answer', async () => {
    const behaviour = { answersSubmissions: false, deliveryDelay: milliseconds(1) };
    await using centre = await MessageCentreServer.open(accounts, { behaviour });
    await using server = party(centre.url, 'lwm2m', 's3cret');
    await server.up();
    server.send(1, '491700000001', Uint8Array.of(1));
    await until(() => centre.centre.taken.length === 1);
    centre.restart();
    await until(() => server.of('up').length === 2);
    assert.deepEqual(
      server.of('unknown').map(({ id }) => id),
      [1],
    );
    server.send(2, '491700000001', Uint8Array.of(2));
    await until(() => centre.centre.taken.length === 2);
    assert.deepEqual(
      centre.centre.taken.map(({ shortMessage }) => shortMessage[0]),
      [1, 2],
    );
  });

  it('gives up a stream without borders, and comes again', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    await using server = party(centre.url, 'lwm2m', 's3cret');
    await server.up();
    centre.say(hexDecode('ffffffff000000050000000000000001') ?? noBytes);
    await until(() => server.of('up').length === 2);
    assert.match(server.of('down')[0]?.reason ?? '', /4294967295 bytes/);
  });

  it('says that the password is wrong, and nowhere what it is', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    await using server = party(centre.url, 'lwm2m', 'guessed');
    await until(() => server.of('down').length === 1);
    const { status } = server.carrier;
    assert.ok(status.kind === 'waiting' && status.isMisconfigured);
    assert.match(status.reason, /password is wrong/);
    assert.doesNotMatch(JSON.stringify([server.events, status]), /guessed/);
  });

  it('says that nobody is there', async () => {
    const nobody = createServer();
    nobody.listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const address = nobody.address();
    assert.ok(typeof address === 'object' && address !== null);
    nobody.close();
    await once(nobody, 'close');
    await using server = party(`smpp://127.0.0.1:${address.port}`, 'lwm2m', 's3cret');
    await until(() => server.of('down').length === 1);
    assert.match(server.of('down')[0]?.reason ?? '', /cannot be reached: connect ECONNREFUSED/);
  });

  it('unbinds when it is closed, after the answers to what was submitted', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    const server = party(centre.url, 'lwm2m', 's3cret');
    await server.up();
    server.send(1, '491700000001', Uint8Array.of(1));
    await server[Symbol.asyncDispose]();
    assert.equal(server.of('accepted').length, 1);
    assert.deepEqual(server.carrier.status, { kind: 'stopped' });
    await server[Symbol.asyncDispose]();
  });
});

describe('SMPP over TLS', () => {
  const root = authority('Root');
  const ca = pem('CERTIFICATE', root.certificate);
  const forHost = serverTls('smsc.example');

  it('carries messages where the certificate is vouched for', async () => {
    await using centre = await MessageCentreServer.open(accounts, { tls: forHost });
    await using server = party(centre.url, 'lwm2m', 's3cret', { tls: { ca, serverName: 'smsc.example' } });
    await server.up();
    server.send(1, '491700000001', Uint8Array.of(1));
    await until(() => server.of('accepted').length === 1);
  });

  it('does not say its password to a message centre that nobody vouches for', async () => {
    await using centre = await MessageCentreServer.open(accounts, { tls: forHost });
    await using server = party(centre.url, 'lwm2m', 's3cret', { tls: { serverName: 'smsc.example' } });
    await until(() => server.of('down').length === 1);
    assert.match(server.of('down')[0]?.reason ?? '', /cannot be reached: .*certificate/);
    assert.equal(centre.centre.binds, 0);
  });

  it('does not say its password to a message centre with the certificate of another', async () => {
    await using centre = await MessageCentreServer.open(accounts, { tls: forHost });
    await using server = party(centre.url, 'lwm2m', 's3cret', { tls: { ca, serverName: 'other.example' } });
    await until(() => server.of('down').length === 1);
    assert.match(server.of('down')[0]?.reason ?? '', /other\.example/);
    assert.equal(centre.centre.binds, 0);
  });

  it('does not take a message centre without TLS for one', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    await using server = party(centre.url.replace('smpp:', 'smpps:'), 'lwm2m', 's3cret', { tls: { ca } });
    await until(() => server.of('down').length === 1);
    assert.equal(centre.centre.binds, 0);
  });

  function serverTls(name: string): ServerTls {
    const extensions = [keyUsage(0), extendedKeyUsage(serverAuth), subjectAltName(dnsName(name))];
    const { certificate, privateKey } = issue({ subject: name, extensions }, root);
    return {
      cert: pem('CERTIFICATE', certificate),
      key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    };
  }
});

type EventOf<Kind extends CarrierEvent['kind']> = Extract<CarrierEvent, { kind: Kind }>;

interface Party extends AsyncDisposable {
  readonly carrier: SmppCarrier;
  readonly events: readonly CarrierEvent[];
  of<Kind extends CarrierEvent['kind']>(kind: Kind): readonly EventOf<Kind>[];
  up(): Promise<void>;
  send(id: number, to: string, userData: Uint8Array): void;
}

/** A carrier that takes every message, with what it told. */
function party(url: string, systemId: string, password: string, more: Partial<SmppOptions> = {}): Party {
  const carrier = smpp({ url, systemId, password: new Secret(utf8Encode(password)), limits, ...more });
  const events: CarrierEvent[] = [];
  carrier.events.subscribe((event) => {
    events.push(event);
    if (event.kind === 'received') carrier.acknowledge(event.message.id, 'taken');
  });
  carrier.start();
  return {
    carrier,
    events,
    of: <Kind extends CarrierEvent['kind']>(kind: Kind) =>
      events.filter((event): event is EventOf<Kind> => event.kind === kind),
    up: () => until(() => carrier.status.kind === 'bound'),
    send: (id, to, userData) => {
      const validity = milliseconds(60_000);
      carrier.submit({ id, to, userData, hasHeader: false, validity, wantsReceipt: true });
    },
    [Symbol.asyncDispose]: () => carrier[Symbol.asyncDispose](),
  };
}
