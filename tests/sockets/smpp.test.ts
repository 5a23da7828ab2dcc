// SMPP over real connections of the loopback interface, TCP and TLS, with the message centre for tests.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexDecode, milliseconds, noBytes } from '@dunlin/base';

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
import { freeTcpPort } from '../support/free-port.ts';
import { MessageCentreServer, type ServerTls } from '../support/sms/message-centre-server.ts';
import { SmppParty } from '../support/sms/smpp-party.ts';
import { until } from '../support/until.ts';

const accounts = [
  { systemId: 'lwm2m', password: 's3cret', number: '10690' },
  { systemId: 'device', password: 'other', number: '491700000001' },
];

describe('SMPP over TCP', () => {
  it('carries messages in both directions, with receipts', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    await using server = new SmppParty(centre.url, 'lwm2m', 's3cret');
    await using device = new SmppParty(centre.url, 'device', 'other');
    await Promise.all([server.up(), device.up()]);
    const userData = Uint8Array.from({ length: 140 }, (_, index) => index);
    server.send(1, '491700000001', userData);
    await server.has('receipt');
    assert.deepEqual(server.of('receipt'), [{ kind: 'receipt', id: 1, state: 'delivered' }]);
    assert.deepEqual(
      device.of('received').map(({ message }) => [message.from, message.userData]),
      [['10690', userData]],
    );
    device.send(1, '10690', Uint8Array.of(9));
    await server.has('received');
    assert.equal(server.carrier.statistics.received, 1);
    assert.equal(server.carrier.status.kind, 'bound');
  });

  it('comes again after the message centre was restarted, and loses nothing that was accepted', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    await using server = new SmppParty(centre.url, 'lwm2m', 's3cret');
    await server.up();
    server.send(1, '491700000001', Uint8Array.of(1));
    await server.has('accepted');
    centre.restart();
    await server.has('down');
    await using device = new SmppParty(centre.url, 'device', 'other');
    await server.has('up', 2);
    await device.has('received');
    await server.has('receipt');
  });

  it('never submits again what a message centre took and did not answer', async () => {
    const behaviour = { answersSubmissions: false, deliveryDelay: milliseconds(1) };
    await using centre = await MessageCentreServer.open(accounts, { behaviour });
    await using server = new SmppParty(centre.url, 'lwm2m', 's3cret');
    await server.up();
    server.send(1, '491700000001', Uint8Array.of(1));
    await until(() => centre.centre.taken.length === 1);
    centre.restart();
    await server.has('up', 2);
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

  it('binds twice where the message centre knows no transceivers, and comes again over both', async () => {
    const behaviour = { knowsTransceivers: false };
    await using centre = await MessageCentreServer.open(accounts, { behaviour });
    await using server = new SmppParty(centre.url, 'lwm2m', 's3cret', { bind: 'pair' });
    await using device = new SmppParty(centre.url, 'device', 'other', { bind: 'pair' });
    await Promise.all([server.up(), device.up()]);
    server.send(1, '491700000001', Uint8Array.of(1));
    await server.has('receipt');
    device.send(1, '10690', Uint8Array.of(9));
    await server.has('received');
    centre.restart();
    await Promise.all([server.has('up', 2), device.has('up', 2)]);
    server.send(2, '491700000001', Uint8Array.of(2));
    await server.has('receipt', 2);
    assert.deepEqual(
      device.of('received').map(({ message }) => message.userData),
      [Uint8Array.of(1), Uint8Array.of(2)],
    );
    await using stranger = new SmppParty(centre.url, 'lwm2m', 's3cret');
    await stranger.has('down');
    assert.match(stranger.of('down')[0]?.reason ?? '', /refused the account/);
  });

  it('gives up a stream without borders, and comes again', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    await using server = new SmppParty(centre.url, 'lwm2m', 's3cret');
    await server.up();
    centre.say(hexDecode('ffffffff000000050000000000000001') ?? noBytes);
    await server.has('up', 2);
    assert.match(server.of('down')[0]?.reason ?? '', /4294967295 bytes/);
  });

  it('says that the password is wrong, and nowhere what it is', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    await using server = new SmppParty(centre.url, 'lwm2m', 'guessed');
    await server.has('down');
    const { status } = server.carrier;
    assert.ok(status.kind === 'waiting' && status.isMisconfigured);
    assert.match(status.reason, /password is wrong/);
    assert.doesNotMatch(JSON.stringify([server.events, status]), /guessed/);
  });

  it('says that nobody is there', async () => {
    await using server = new SmppParty(`smpp://127.0.0.1:${await freeTcpPort()}`, 'lwm2m', 's3cret');
    await server.has('down');
    assert.match(server.of('down')[0]?.reason ?? '', /cannot be reached: connect ECONNREFUSED/);
  });

  it('unbinds when it is closed, after the answers to what was submitted', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    const server = new SmppParty(centre.url, 'lwm2m', 's3cret');
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
    await using server = new SmppParty(centre.url, 'lwm2m', 's3cret', {
      tls: { ca, serverName: 'smsc.example' },
    });
    await server.up();
    server.send(1, '491700000001', Uint8Array.of(1));
    await server.has('accepted');
  });

  it('does not say its password to a message centre that nobody vouches for', async () => {
    await using centre = await MessageCentreServer.open(accounts, { tls: forHost });
    await using server = new SmppParty(centre.url, 'lwm2m', 's3cret', {
      tls: { serverName: 'smsc.example' },
    });
    await server.has('down');
    assert.match(server.of('down')[0]?.reason ?? '', /cannot be reached: .*certificate/);
    assert.equal(centre.centre.binds, 0);
  });

  it('does not say its password to a message centre with the certificate of another', async () => {
    await using centre = await MessageCentreServer.open(accounts, { tls: forHost });
    await using server = new SmppParty(centre.url, 'lwm2m', 's3cret', {
      tls: { ca, serverName: 'other.example' },
    });
    await server.has('down');
    assert.match(server.of('down')[0]?.reason ?? '', /other\.example/);
    assert.equal(centre.centre.binds, 0);
  });

  it('does not take a message centre without TLS for one', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    await using server = new SmppParty(centre.url.replace('smpp:', 'smpps:'), 'lwm2m', 's3cret', {
      tls: { ca },
    });
    await server.has('down');
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
