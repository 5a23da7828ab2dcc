import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexDecode, noBytes, StorageError } from '@dunlin/base';
import { memoryReceivedRequests } from '@dunlin/sms';
import fc from 'fast-check';

import { PlayedLink, stranger } from './support.ts';

function bytes(hex: string): Uint8Array {
  const decoded = hexDecode(hex);
  assert.ok(decoded !== undefined);
  return decoded;
}

/** What comes of user data from the known number. */
function outcomeOf(link: PlayedLink, hex: string, hasHeader = false): readonly string[] {
  link.takeTold();
  link.receive({ userData: bytes(hex), hasHeader });
  return link.takeTold();
}

describe('R-752: short messages that come', () => {
  it('are handed on as datagrams before they are acknowledged', () => {
    const link = new PlayedLink();
    assert.deepEqual(outcomeOf(link, '44010001c0ffee00b1'), [
      'received 44010001c0ffee00b1',
      'acknowledge 1 taken',
    ]);
  });

  it('of unknown numbers are taken off the network, dropped without a word and counted', () => {
    const link = new PlayedLink();
    link.takeTold();
    for (const from of [stranger, '', 'Bank', '49170000000', '4917000000011']) link.receive({ from });
    const told = link.takeTold();
    assert.equal(told.filter((each) => each === 'dropped unknown-sender').length, 5);
    assert.equal(told.filter((each) => each === 'acknowledge 1 taken').length, 5);
    assert.equal(told.length, 10);
    assert.equal(link.link.statistics.dropped['unknown-sender'], 5);
    assert.equal(link.submitted.length, 0);
  });

  it('are put together before they are handed on', () => {
    const link = new PlayedLink();
    assert.deepEqual(outcomeOf(link, '0500030102 02 bbbb', true), ['acknowledge 1 taken']);
    assert.deepEqual(outcomeOf(link, '0500030102 01 aaaa', true), [
      'received aaaabbbb',
      'acknowledge 1 taken',
    ]);
  });

  it('are to come later while there is no room for their parts', () => {
    const link = new PlayedLink({ isAllowed: () => true, reassembly: { maxSets: 1 } });
    link.receive({ from: stranger, userData: bytes('050003010201aa'), hasHeader: true });
    assert.deepEqual(outcomeOf(link, '050003010201aa', true), ['acknowledge 1 busy']);
    link.receive({ from: stranger, userData: bytes('050003010202bb'), hasHeader: true });
    assert.deepEqual(outcomeOf(link, '050003010201aa', true), ['acknowledge 1 taken']);
    assert.deepEqual(link.link.statistics.received, { taken: 3, busy: 1 });
  });

  const dropped: readonly (readonly [reason: string, hex: string])[] = [
    ['malformed-header', 'ff00'],
    ['malformed-header', ''],
    ['malformed-header', '0500030102 03 aa'],
    ['other-port', '0605040b840b84 40010001'],
    ['empty', '00'],
    ['too-many-parts', '050003010901aa'],
  ];
  for (const [reason, hex] of dropped) {
    it(`are dropped as ${reason}: ${hex === '' ? 'a header without bytes' : hex}`, () => {
      assert.deepEqual(outcomeOf(new PlayedLink(), hex, true), [`dropped ${reason}`, 'acknowledge 1 taken']);
    });
  }

  it('are dropped when they are empty', () => {
    const link = new PlayedLink();
    link.takeTold();
    link.receive({ userData: noBytes });
    assert.deepEqual(link.takeTold(), ['dropped empty', 'acknowledge 1 taken']);
  });

  it('count only with our port where one is configured', () => {
    const link = new PlayedLink({ segmentation: { ports: { source: 5683, destination: 5683 } } });
    assert.deepEqual(outcomeOf(link, '06050416331633 40010001', true), [
      'received 40010001',
      'acknowledge 1 taken',
    ]);
    assert.deepEqual(outcomeOf(link, '40010002'), ['dropped other-port', 'acknowledge 1 taken']);
  });

  it('tell when parts never came', () => {
    const link = new PlayedLink();
    outcomeOf(link, '050003010201aa', true);
    link.pass(600_000);
    assert.deepEqual(link.takeTold(), ['dropped parts-missing']);
  });

  it('never fail on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 140 }), fc.boolean())), (messages) => {
        const link = new PlayedLink();
        link.takeTold();
        for (const [userData, hasHeader] of messages) link.receive({ userData, hasHeader });
        const answers = link.takeTold().filter((each) => each.startsWith('acknowledge'));
        assert.equal(answers.length, messages.length);
      }),
    );
  });
});

describe('R-920: requests that come more than once', () => {
  const execute = '42020001c0ffb131';
  const answered = ['received 42020001c0ffb131', 'acknowledge 1 taken'];
  const dropped = ['dropped repeated-request', 'acknowledge 1 taken'];

  it('are handed on once more, so that the answer is repeated, and then no more', () => {
    const link = new PlayedLink();
    const outcomes = [1, 2, 3].map(() => outcomeOf(link, execute));
    assert.deepEqual(outcomes, [answered, answered, dropped]);
  });

  it('are dropped when they come after CoAP may have forgotten them', () => {
    const link = new PlayedLink();
    outcomeOf(link, execute);
    link.pass(240_001);
    assert.deepEqual(outcomeOf(link, execute), dropped);
  });

  it('are dropped after a restart', () => {
    const link = new PlayedLink({ receivedRequests: memoryReceivedRequests() });
    outcomeOf(link, execute);
    link.restart();
    assert.deepEqual(outcomeOf(link, execute), dropped);
    assert.deepEqual(outcomeOf(link, '42020002c0ffb131'), [
      'received 42020002c0ffb131',
      'acknowledge 1 taken',
    ]);
  });

  it('are to come later when it cannot be noted that they came', () => {
    const store = memoryReceivedRequests();
    let isFull = true;
    const note: typeof store.note = (request) => {
      if (isFull) throw new StorageError('the disk is full');
      store.note(request);
    };
    const link = new PlayedLink({ receivedRequests: { ...store, note } });
    assert.deepEqual(outcomeOf(link, execute), ['store-failed', 'acknowledge 1 busy']);
    isFull = false;
    assert.deepEqual(outcomeOf(link, execute), answered);
  });

  it('are told apart by sender and token: a device that restarted may use a message id again', () => {
    const link = new PlayedLink({ isAllowed: () => true, receivedRequests: memoryReceivedRequests() });
    outcomeOf(link, execute);
    link.restart();
    assert.equal(outcomeOf(link, '420200010000b131')[0], 'received 420200010000b131');
    link.receive({ from: stranger, userData: bytes(execute) });
    assert.equal(link.takeTold()[0], 'received 42020001c0ffb131');
  });

  it('are forgotten after two hours, and the oldest when there are too many', () => {
    const store = memoryReceivedRequests();
    const link = new PlayedLink({ receivedRequests: store, receivedRequestLimits: { maxRequests: 2 } });
    for (const id of ['01', '02', '03']) {
      outcomeOf(link, `400200${id}`);
      link.pass(1);
    }
    assert.equal(link.link.sizes.receivedRequests, 2);
    link.pass(7_200_000);
    outcomeOf(link, '40020004');
    assert.equal(link.link.sizes.receivedRequests, 1);
    assert.ok([...store.load()].length <= 2);
  });

  it('are only those of CoAP: responses and records of DTLS have guards of their own', () => {
    const link = new PlayedLink();
    for (const hex of ['60450001', '40000001', '17fefd0001']) {
      for (let count = 0; count < 3; count += 1) assert.equal(outcomeOf(link, hex)[0], `received ${hex}`);
    }
  });
});
