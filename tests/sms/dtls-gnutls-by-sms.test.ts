// GnuTLS as the device of a server of ours, with a modem and the message centre of Osmocom between them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Secret, utf8Encode } from '@dunlin/base';
import { sms, smsDtlsProtocol, smpp } from '@dunlin/node';

import { DtlsEchoServer } from '../support/dtls-echo-server.ts';
import { psk, pskOnly } from '../support/dtls-keys.ts';
import { skipWithout } from '../support/peer-program.ts';
import { Program } from '../support/program.ts';
import { MobileNetwork } from './support/mobile-network.ts';
import { skipWithoutModem } from './support/modem-and-server.ts';
import { PluggedModem } from './support/plugged-modem.ts';
import { SmsRelay } from './support/sms-relay.ts';

const device = { imsi: '001010000000001', number: '491700000001' };
const number = '10690';
/** With no more than it needs: a ClientHello with its cookie has to fit into one short message. */
const priority = 'NONE:+VERS-DTLS1.2:+COMP-NULL:+SIGN-RSA-SHA256:+AES-128-CCM-8:+AEAD:+PSK';

describe('GnuTLS over short messages', { skip: skipWithoutModem || skipWithout('gnutls-cli') }, () => {
  it('makes a handshake with our server and is answered, in single short messages (R-753)', async () => {
    await using network = await MobileNetwork.start({ subscribers: [device] });
    await using plugged = await PluggedModem.plug(network, device);
    await using relay = await SmsRelay.open(plugged.line.path, number);
    const { host, port } = network.smpp;
    const carrier = smpp({
      url: `smpp://${host}:${port}`,
      systemId: 'lwm2m',
      password: new Secret(utf8Encode('s3cret')),
      source: { typeOfNumber: 0, numberingPlan: 1, digits: number },
      limits: { transactionsPerSecond: 50 },
    });
    const binding = sms({
      carrier,
      number,
      isAllowed: (from) => from === device.number,
      budgets: { perSecond: 50, answersPerDevicePerDay: 100 },
    });
    await using server = await DtlsEchoServer.open({
      credentials: pskOnly(),
      carrier: binding.records,
      connectionIdLength: 'none',
      protocol: smsDtlsProtocol,
    });
    const key = ['--pskusername', psk.identity, '--pskkey', psk.hex];
    const way = ['--udp', '--mtu', '140', '--noticket', '--port', String(relay.port), '127.0.0.1'];
    await using client = new Program(['gnutls-cli', '--priority', priority, ...key, ...way]);
    await client.waitFor(/Handshake was completed/);
    const [established] = server.log.ofKind('established');
    assert.equal(established?.suite, 'TLS_PSK_WITH_AES_128_CCM_8');
    assert.deepEqual(established.peer, { kind: 'psk', identity: psk.identity });
    client.type('hello over short messages');
    await client.waitFor(/heard hello over short messages/);
    const { toServer, toClient } = relay.lengths;
    assert.ok(Math.max(...toServer, ...toClient) <= 140);
    // GnuTLS repeats its flights every second, which is too soon for short messages; the server repeats none.
    const { sent } = binding.statistics;
    assert.ok(sent.handshake.accepted <= 8, `${sent.handshake.accepted} short messages of the server`);
  });
});
