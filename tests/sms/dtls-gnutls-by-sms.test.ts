// GnuTLS as the device of a server of ours, with a modem and the message centre of Osmocom between them.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Secret, utf8Encode } from '@dunlin/base';
import { sms, smsDtlsProtocol, smpp } from '@dunlin/node';

import { DtlsEchoServer } from '../support/dtls-echo-server.ts';
import { psk, pskOnly } from '../support/dtls-keys.ts';
import { skipWithout } from '../support/peer-program.ts';
import { TemporaryFolder } from '../support/dunlin-server.ts';
import { Program, run } from '../support/program.ts';
import { MobileNetwork } from './support/mobile-network.ts';
import { skipWithoutModem } from './support/modem-and-server.ts';
import { PluggedModem } from './support/plugged-modem.ts';
import { SmsRelay } from './support/sms-relay.ts';

const device = { imsi: '001010000000001', number: '491700000001' };
const number = '10690';
const skip = skipWithoutModem || skipWithout('gcc', '/usr/include/stdio.h', '/usr/include/gnutls/dtls.h');

describe('GnuTLS over short messages', { skip }, () => {
  it('makes a handshake with our server and is answered, in single short messages (R-753)', async () => {
    using folder = new TemporaryFolder();
    const program = join(folder.path, 'gnutls-device');
    const source = fileURLToPath(new URL('support/gnutls-device.c', import.meta.url));
    const built = await run([
      'gcc',
      '-std=c11',
      '-D_DEFAULT_SOURCE',
      '-Wall',
      '-o',
      program,
      source,
      '-lgnutls',
    ]);
    assert.equal(built.exitCode, 0, built.stderr);
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
    await using client = new Program([program, String(relay.port), psk.identity, psk.hex]);
    const { exitCode, stdout } = await client.ended();
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /^agreed .*AES-128-CCM-8/m);
    assert.match(stdout, /^heard heard hello over short messages$/m);
    const [established] = server.log.ofKind('established');
    assert.equal(established?.suite, 'TLS_PSK_WITH_AES_128_CCM_8');
    assert.deepEqual(established.peer, { kind: 'psk', identity: psk.identity });
    const { toServer, toClient } = relay.lengths;
    assert.ok(Math.max(...toServer, ...toClient) <= 140);
    // Three flights of the handshake each way, and a record with its answer.
    assert.deepEqual([toServer.length, toClient.length], [4, 4]);
  });
});
