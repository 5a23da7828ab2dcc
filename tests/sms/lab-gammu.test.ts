// Gammu, which knows hundreds of phones, uses the virtual modem: that is what says that it is a modem.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { skipWithout } from '../support/peer-program.ts';
import { Program, run } from '../support/program.ts';
import { until } from '../support/until.ts';
import {
  deviceNumber,
  ModemAndServer,
  serverNumber,
  shortMessage,
  skipWithoutModem,
} from './support/modem-and-server.ts';

const skip = skipWithoutModem || skipWithout('gammu', 'gammu-smsd');

/** What both programs are told of the modem. */
function configurationFor(path: string): string {
  return `[gammu]
device = ${path}
connection = at115200
synchronizetime = no
`;
}

async function gammu(lab: ModemAndServer, ...args: readonly string[]): Promise<string> {
  const configuration = join(lab.line.folder, 'gammurc');
  writeFileSync(configuration, configurationFor(lab.line.path));
  const { exitCode, stdout, stderr } = await lab.line.lend(() =>
    run(['gammu', '-c', configuration, ...args]),
  );
  assert.equal(exitCode, 0, `${stdout}\n${stderr}\n${lab.modem.dialogue.join('\n')}`);
  return stdout;
}

/** Each test has a network of its own, and most of its time it waits for others. */
const concurrency = 4;

describe('Gammu at the virtual modem', { skip, concurrency }, () => {
  it('finds out what modem it is', async () => {
    await using lab = await ModemAndServer.start();
    const identity = await gammu(lab, 'identify');
    assert.match(identity, /Manufacturer +: Dunlin/);
    assert.match(identity, /SIM IMSI +: 001010000000001/);
  });

  it('sends a text in two parts, which the server gets; they are no data, so nothing is made of them', async () => {
    await using lab = await ModemAndServer.start();
    const server = await lab.server();
    await gammu(lab, 'sendsms', 'TEXT', serverNumber, '-len', '200', '-text', 'x'.repeat(200));
    await server.log.next('dropped');
    await server.log.next('dropped');
    assert.equal(lab.modem.dialogue.filter((line) => line.startsWith('< +CMGS:')).length, 2);
    assert.deepEqual(server.log.of('received'), []);
  });

  it('files 8-bit data with and without a header, as the server sent it', async () => {
    await using lab = await ModemAndServer.start();
    const server = await lab.server();
    const { folder, path } = lab.line;
    for (const name of ['in', 'out', 'sent', 'err']) mkdirSync(join(folder, name));
    const configuration = join(folder, 'smsdrc');
    writeFileSync(
      configuration,
      `${configurationFor(path)}[smsd]
service = files
logfile = ${join(folder, 'smsd.log')}
debuglevel = 0
inboxpath = ${join(folder, 'in')}/
outboxpath = ${join(folder, 'out')}/
sentsmspath = ${join(folder, 'sent')}/
errorsmspath = ${join(folder, 'err')}/
inboxformat = detail
checksecurity = 0
commtimeout = 2
receivefrequency = 1
statusfrequency = 0
loopsleep = 1
`,
    );
    await using _ = new Program(['gammu-smsd', '-c', configuration]);
    await until(() => lab.modem.dialogue.some((line) => line.startsWith('> AT+CNMI=')));

    const plain = Uint8Array.of(0x00, 0xff, 0x80, 0xfe, 0x41, 0x02);
    const header = Uint8Array.of(6, 5, 4, 0x16, 0x33, 0x16, 0x33);
    server.carrier.submit(shortMessage(deviceNumber, plain));
    server.carrier.submit(
      shortMessage(deviceNumber, Uint8Array.of(...header, ...plain), { hasHeader: true }),
    );
    const files = await until(
      () => {
        const names = readdirSync(join(folder, 'in'));
        return names.length === 2 && names;
      },
      () =>
        `two files\n${readFileSync(join(folder, 'smsd.log'), 'latin1')}\n${lab.modem.dialogue.join('\n')}`,
    );
    const filed = files.map((name) => readFileSync(join(folder, 'in', name), 'latin1'));
    for (const file of filed) {
      assert.match(file, /^Text00 = 00FF80FE4102$/m);
      assert.match(file, /^Coding = 8bit$/m);
      assert.match(file, /^Number = "10690"$/m);
    }
    const headers = filed.map((file) => /^UDH = (\w+)$/m.exec(file)?.[1]);
    assert.deepEqual(new Set(headers), new Set([undefined, '06050416331633']));
  });
});
