// `dunlin server` with an account at a message centre of Osmocom, or on a modem, and `dunlin client` on a modem.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import type {
  DeviceSummary,
  SmsNumbersDocument,
  SmsOutboxDocument,
  SmsStatusDocument,
  WakeDocument,
} from '@dunlin/api';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { dunlin, type Program } from '../support/program.ts';
import { MobileNetwork } from './support/mobile-network.ts';
import { skipWithoutModem } from './support/modem-and-server.ts';
import { PluggedModem } from './support/plugged-modem.ts';
import { untilFits } from '../support/until.ts';

const phone = { imsi: '001010000000001', number: '491700000001' };
const number = '10690';
/** The card of a server that has a modem in place of an account. */
const laboratory = { imsi: '001010000000002', number: '491700000002' };

function withSms(network: MobileNetwork): readonly [readonly string[], Record<string, string>] {
  const { host, port } = network.smpp;
  const account = ['--smpp', `smpp://${host}:${port}`, '--smpp-system-id', 'lwm2m', '--sms-number', number];
  return [dunlin('server', ...account), { DUNLIN_SMPP_PASSWORD: 's3cret' }];
}

describe('dunlin server and dunlin client over short messages', { skip: skipWithoutModem }, () => {
  it('wake a device that sleeps by one short message, and show what it cost', async () => {
    await using network = await MobileNetwork.start({ subscribers: [phone] });
    await using plugged = await PluggedModem.plug(network, phone);
    using folder = new TemporaryFolder();
    await using server = await DunlinServer.start(folder.path, {}, ...withSms(network));
    await server.program.waitFor(/SMS\s+10690 at smpp:/);
    await server.json('sms', 'provision', 'phone', phone.number);
    const sms = ['--sms', phone.number, '--sms-server', number, '--sms-modem', plugged.line.path];
    await using device = await server.device('phone', '--binding', 'UQS', ...sms);
    await isUp(server);
    await rebootsAsleep(server, device);
    const metrics = await (await server.fetch('/metrics')).text();
    assert.match(metrics, /dunlin_sms_parts_total\{direction="out",purpose="trigger",result="accepted"\} 1/);
    assert.match(metrics, /dunlin_sms_budget_remaining\{budget="day"\} 999/);
  });

  it('wake a device when somebody asks for it, with the server on a modem too, whose card asks for its PIN', async () => {
    await using network = await MobileNetwork.start({ subscribers: [phone, laboratory] });
    await using plugged = await PluggedModem.plug(network, phone);
    await using own = await PluggedModem.plug(network, laboratory, { pin: '1234' });
    using folder = new TemporaryFolder();
    const pinFile = join(folder.path, 'pin');
    writeFileSync(pinFile, '1234\n');
    const modem = [
      '--sms-modem',
      own.line.path,
      '--sms-pin-file',
      pinFile,
      '--sms-number',
      laboratory.number,
    ];
    await using server = await DunlinServer.start(folder.path, {}, dunlin('server', ...modem));
    await server.program.waitFor(/SMS\s+491700000002 at \/\S+/);
    await server.json('sms', 'provision', 'phone', phone.number);
    const sms = ['--sms', phone.number, '--sms-server', laboratory.number, '--sms-modem', plugged.line.path];
    await using _ = await server.device('phone', '--binding', 'UQS', ...sms);
    await isUp(server);
    await sleeps(server);
    const { updatedAt } = await phoneOf(server);
    const woken = await server.json<WakeDocument>('wake', 'phone', '--wait', '600');
    assert.deepEqual([woken.isAnswered, woken.message?.to], [true, phone.number]);
    await untilFits(
      () => phoneOf(server),
      (device) => device.updatedAt !== updatedAt,
    );
    // The modem tells what became of the trigger, and budgets are those of an account.
    await untilFits(
      () => outboxOf(server),
      ([trigger]) => trigger?.state === 'delivered',
    );
    const { budgets } = await server.json<SmsStatusDocument>('sms', 'status');
    assert.deepEqual(
      budgets.filter(({ budget }) => budget === 'day'),
      [{ budget: 'day', limit: 1000, left: 999 }],
    );
  });

  it('remember over a restart what was sent and whose number it was', async () => {
    await using network = await MobileNetwork.start({ subscribers: [phone] });
    using folder = new TemporaryFolder();
    {
      await using server = await DunlinServer.start(folder.path, {}, ...withSms(network));
      await server.json('sms', 'provision', 'phone', phone.number);
    }
    await using server = await DunlinServer.start(folder.path, {}, ...withSms(network));
    const { numbers } = await server.json<SmsNumbersDocument>('sms', 'numbers');
    assert.deepEqual(
      numbers.map(({ endpoint }) => endpoint),
      ['phone'],
    );
    await isUp(server);
  });

  it('say what is wrong with the account, and never its password', async () => {
    await using network = await MobileNetwork.start({ subscribers: [] });
    using folder = new TemporaryFolder();
    const [command] = withSms(network);
    const env = { DUNLIN_SMPP_PASSWORD: 'wr0ng' };
    await using server = await DunlinServer.start(folder.path, {}, command, env);
    await server.program.waitFor(/short messages can neither be sent nor received/);
    assert.ok(!`${server.program.stdout}${server.program.stderr}`.includes('wr0ng'));
    const status = await server.json<SmsStatusDocument>('sms', 'status');
    assert.equal(status.isUp, false);
  });
});

/** Has the device that sleeps restart, for which one short message wakes it. */
async function rebootsAsleep(server: DunlinServer, device: Program): Promise<void> {
  await sleeps(server);
  const { exitCode, stdout } = await server.command('execute', 'phone', '/3/0/4');
  assert.equal(exitCode, 0, stdout);
  await device.waitFor(/reboot/i);
  assert.deepEqual(
    (await outboxOf(server)).map(({ purpose, endpoint, parts, spent }) => ({
      purpose,
      endpoint,
      parts,
      spent,
    })),
    [{ purpose: 'trigger', endpoint: 'phone', parts: 1, spent: 1 }],
  );
}

async function outboxOf(server: DunlinServer): Promise<SmsOutboxDocument['entries']> {
  return (await server.json<SmsOutboxDocument>('sms', 'outbox')).entries;
}

async function isUp(server: DunlinServer): Promise<void> {
  await untilFits(
    () => server.json<SmsStatusDocument>('sms', 'status'),
    (status) => status.isUp,
  );
}

/** Waits until the device sleeps: a second after each of its messages, as far as the server knows. */
async function sleeps(server: DunlinServer): Promise<void> {
  await server.json('devices', 'phone', '--awake-window', '1');
  await untilFits(
    () => phoneOf(server),
    ({ state }) => state === 'asleep',
  );
}

function phoneOf(server: DunlinServer): Promise<DeviceSummary> {
  return server.json<DeviceSummary>('devices', 'phone');
}
