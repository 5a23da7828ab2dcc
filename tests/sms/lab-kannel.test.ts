// Kannel, a gateway that operators use, has the virtual modem as its way to the network: it plays the device.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { hexEncode } from '@dunlin/base';

import { skipWithout } from '../support/peer-program.ts';
import { Program } from '../support/program.ts';
import { until, untilFits } from '../support/until.ts';
import {
  deviceNumber,
  ModemAndServer,
  serverNumber,
  shortMessage,
  skipWithoutModem,
} from './support/modem-and-server.ts';

const skip = skipWithoutModem || skipWithout('/usr/sbin/bearerbox');

/** Ports of Kannel's two programs: control, between them, and HTTP. */
const firstPort = 14_000 + randomInt(500) * 3;
const httpPort = firstPort + 2;

function configurationFor(lab: ModemAndServer, callback: string): string {
  return `
group = core
admin-port = ${firstPort}
smsbox-port = ${firstPort + 1}
admin-password = lab
admin-interface = 127.0.0.1
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
store-type = file
store-location = "${join(lab.line.folder, 'store')}"

group = smsc
smsc = at
smsc-id = modem1
modemtype = vmodem
device = ${lab.line.path}
speed = 115200
my-number = ${deviceNumber}
sim-buffering = false

group = modems
id = vmodem
name = "vmodem"
detect-string = "VModem"
init-string = "AT+CNMI=2,2,0,1,0"
speed = 115200
need-sleep = false

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${httpPort}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = lab
password = lab
user-allow-ip = "127.0.0.1"

group = sms-service
keyword = default
catch-all = yes
accepted-smsc = modem1
get-url = "${callback}?from=%p&coding=%c&udh=%u&bin=%b"
max-messages = 0
`;
}

/** Asks again until Kannel has found its parts. */
async function sendByKannel(query: string): Promise<void> {
  const url = `http://127.0.0.1:${httpPort}/cgi-bin/sendsms?username=lab&password=lab&${query}`;
  await untilFits(
    () =>
      fetch(url).then(
        ({ status }) => status,
        (error: unknown) => String(error),
      ),
    (status) => status === 202,
  );
}

async function listen(asked: string[]): Promise<Server> {
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** The octets behind `%` and as characters, as Kannel writes them into a URL. */
function octetsOf(text: string): string {
  const pieces = text.match(/%[0-9A-Fa-f]{2}|[^%]/g) ?? [];
  return pieces
    .map((piece) => (piece.startsWith('%') ? piece.slice(1) : hexEncode(Buffer.from(piece, 'latin1'))))
    .join('')
    .toLowerCase();
}

describe('Kannel at the virtual modem', { skip }, () => {
  it('sends and receives 8-bit data with a header, unchanged', async () => {
    await using lab = await ModemAndServer.start();
    const server = await lab.server();
    const asked: string[] = [];
    await using callback = await listen(asked);
    const configuration = join(lab.line.folder, 'kannel.conf');
    const { port } = callback.address() as AddressInfo;
    writeFileSync(configuration, configurationFor(lab, `http://127.0.0.1:${port}/mo`));
    await using bearerbox = new Program(['/usr/sbin/bearerbox', configuration]);
    await bearerbox.waitFor(/AT SMSC successfully opened/);
    await using _ = new Program(['/usr/sbin/smsbox', configuration]);

    const [header, data] = ['%06%05%04%16%33%16%33', '%00%FF%80%FE%41%02'];
    await sendByKannel(`to=${serverNumber}&from=${deviceNumber}&coding=1&udh=${header}&text=${data}`);
    const { message } = await server.log.next('received');
    assert.equal(hexEncode(message.userData), '0605041633163300ff80fe4102');
    assert.equal(message.hasHeader, true);
    assert.equal(message.from, deviceNumber);

    const userData = Uint8Array.of(6, 5, 4, 0x16, 0x33, 0x16, 0x33, 0xde, 0xad, 0xbe, 0xef);
    server.carrier.submit(shortMessage(deviceNumber, userData, { hasHeader: true }));
    const request = await until(
      () => asked[0],
      () => `a request of Kannel\n${bearerbox.stdout}${bearerbox.stderr}\n${lab.modem.dialogue.join('\n')}`,
    );
    const query = new Map(
      request
        .slice(request.indexOf('?') + 1)
        .split('&')
        .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
    assert.equal(query.get('from'), serverNumber);
    assert.equal(query.get('coding'), '1');
    assert.equal(octetsOf(query.get('udh') ?? ''), '06050416331633');
    assert.equal(octetsOf(query.get('bin') ?? ''), 'deadbeef');
  });
});
