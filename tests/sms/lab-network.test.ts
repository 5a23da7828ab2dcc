// The network of the other tests, by itself: a phone attached to Osmocom's message centre, and what that does with its
// messages.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode, milliseconds, utf8Encode } from '@dunlin/base';
import { addressOf, decodeReceivedTpdu, eightBitData, encodeSubmit } from '@dunlin/sms';

import { until } from '../support/until.ts';
import { MobileNetwork, skipWithoutNetwork } from './support/mobile-network.ts';
import { UserEquipment } from './support/phone/user-equipment.ts';

const alice = { imsi: '001010000000001', number: '491700000001' };
const bob = { imsi: '001010000000002', number: '491700000002' };

function submitTo(number: string, octets: Uint8Array): Uint8Array {
  return encodeSubmit({
    messageReference: 1,
    to: addressOf(number),
    protocolIdentifier: 0,
    validity: milliseconds(3_600_000),
    wantsStatusReport: false,
    userData: { dataCodingScheme: eightBitData, hasHeader: false, octets },
  });
}

describe('the mobile network of the tests', { skip: skipWithoutNetwork }, () => {
  it('delivers 140 octets from phone to phone, unchanged', async () => {
    await using network = await MobileNetwork.start({ subscribers: [alice, bob] });
    const got: Uint8Array[] = [];
    const take = (tpdu: Uint8Array): Promise<undefined> => {
      got.push(tpdu);
      return Promise.resolve(undefined);
    };
    await using sender = new UserEquipment({ sgs: network.sgs, imsi: alice.imsi, take });
    await using recipient = new UserEquipment({ sgs: network.sgs, imsi: bob.imsi, take });
    await Promise.all([sender.attach(), recipient.attach()]);
    const octets = Uint8Array.from({ length: 140 }, (_, index) => index);
    assert.equal(await sender.submit(submitTo(bob.number, octets)), undefined, network.log);
    await until(() => got.length > 0);
    const received = decodeReceivedTpdu(got[0] ?? octets);
    assert.ok(received.kind === 'deliver', JSON.stringify(received));
    assert.equal(hexEncode(received.userData.octets), hexEncode(octets));
    assert.equal(received.from.digits, alice.number);
    assert.equal(received.userData.dataCodingScheme, eightBitData);
  });

  it('keeps messages for a phone that is off, over a restart of the centre', async () => {
    await using network = await MobileNetwork.start({ subscribers: [alice, bob] });
    let count = 0;
    const take = (): Promise<undefined> => {
      count += 1;
      return Promise.resolve(undefined);
    };
    await using sender = new UserEquipment({ sgs: network.sgs, imsi: alice.imsi, take });
    await using recipient = new UserEquipment({ sgs: network.sgs, imsi: bob.imsi, take });
    await sender.attach();
    await recipient.attach();
    await recipient.detach();
    assert.equal(await sender.submit(submitTo(bob.number, utf8Encode('kept'))), undefined);
    await network.stopCentre();
    await until(() => !sender.isAttached);
    await network.startCentre();
    assert.equal(count, 0);
    await recipient.attach();
    await network.triggerQueue();
    await until(() => count === 1);
  });

  it('does not know who has no account', async () => {
    await using network = await MobileNetwork.start({ subscribers: [alice] });
    const stranger = new UserEquipment({
      sgs: network.sgs,
      imsi: bob.imsi,
      take: () => Promise.resolve(undefined),
    });
    await using _ = stranger;
    await assert.rejects(stranger.attach(), /does not know/);
  });

  it('refuses a message to an account that nobody uses at the moment: network out of order', async () => {
    await using network = await MobileNetwork.start({ subscribers: [alice] });
    await using sender = new UserEquipment({
      sgs: network.sgs,
      imsi: alice.imsi,
      take: () => Promise.resolve(undefined),
    });
    await sender.attach();
    assert.equal(await sender.submit(submitTo('10690', utf8Encode('hello'))), 38);
  });
});
