// LwM2M by short messages over TCP, with a message centre that makes trouble as it is told: what real ones do now and
// then, and none does when a test wants it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { sqliteSmsStore } from '@dunlin/node';

import { TemporaryFolder } from '../support/dunlin-server.ts';
import {
  DeviceByAccount,
  deviceAccount,
  endpoint,
  ServerByAccount,
  serverAccount,
} from '../support/sms/device-by-account.ts';
import { MessageCentreServer } from '../support/sms/message-centre-server.ts';
import { until } from '../support/until.ts';

const accounts = [serverAccount, deviceAccount];
/** What the outbox of a server says of the last thing that it asked. */
function stateOfRequest({ binding }: ServerByAccount): string | undefined {
  return binding.outbox().findLast(({ purpose }) => purpose === 'request')?.state;
}

const signal = (): AbortSignal => AbortSignal.timeout(120_000);

describe('LwM2M over a message centre that makes trouble', () => {
  it('goes on after being throttled (ESME_RTHROTTLED), and pays for each short message once', async () => {
    await using centre = await MessageCentreServer.open(accounts);
    await using server = await ServerByAccount.open(centre);
    await using device = await DeviceByAccount.open(centre);
    await device.client.whenRegistered(signal());
    const before = centre.centre.taken.length;
    centre.centre.behaviour.throttlesNext = 4;
    await server.server.device(endpoint).execute('/3/0/4');
    assert.equal(device.reboots, 1);
    assert.equal(centre.centre.taken.length, before + 2, 'the request and its answer');
    assert.equal(centre.centre.throttled, 4);
    const { throttled } = server.carrier.statistics;
    assert.equal(throttled + device.carrier.statistics.throttled, 4);
    assert.equal(server.binding.outbox().at(-1)?.spent, 1);
  });

  it('puts together what comes in reverse, and does once what comes twice', async () => {
    // Of the Register, which takes two short messages, the second one comes first.
    const behaviour = { reversesNext: 2, deliversTwice: true };
    await using centre = await MessageCentreServer.open(accounts, { behaviour });
    await using server = await ServerByAccount.open(centre);
    await using device = await DeviceByAccount.open(centre);
    await device.client.whenRegistered(signal());
    assert.equal(centre.centre.taken.filter(({ esmClass }) => esmClass === 0x40).length, 2);
    const handle = server.server.device(endpoint);
    for (let count = 0; count < 5; count += 1) await handle.execute('/3/0/4');
    await until(() => centre.centre.repeated === centre.centre.taken.length);
    assert.equal(device.reboots, 5);
    assert.equal((await server.server.registrations()).registrations.length, 1);
  });

  it('tells of each message what became of it, though receipts come before the answers to submissions', async () => {
    const behaviour = { answersAfterReceipt: true };
    await using centre = await MessageCentreServer.open(accounts, { behaviour });
    await using server = await ServerByAccount.open(centre);
    await using device = await DeviceByAccount.open(centre);
    await device.client.whenRegistered(signal());
    await server.server.device(endpoint).execute('/3/0/4');
    await until(() => stateOfRequest(server) === 'delivered');
    assert.equal(server.carrier.statistics.unmatchedReceipts, 0);
  });

  it('tells so however late the receipts are, also after a restart of the server', async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, 'sms.sqlite');
    await using centre = await MessageCentreServer.open(accounts);
    let unanswered: Promise<void>;
    {
      await using store = await sqliteSmsStore({ path });
      await using server = await ServerByAccount.open(centre, store);
      {
        await using device = await DeviceByAccount.open(centre);
        await device.client.whenRegistered(signal());
      }
      // The device is off: the centre takes the request, and keeps it.
      unanswered = assert.rejects(server.server.device(endpoint).execute('/3/0/4'));
      await until(() => stateOfRequest(server) === 'submitted');
    }
    await unanswered;
    await using store = await sqliteSmsStore({ path });
    await using server = await ServerByAccount.open(centre, store);
    await until(() => server.binding.isUp);
    assert.equal(stateOfRequest(server), 'submitted');
    await using _ = await DeviceByAccount.open(centre);
    await until(() => stateOfRequest(server) === 'delivered');
    assert.equal(server.carrier.statistics.unmatchedReceipts, 0);
  });
});
