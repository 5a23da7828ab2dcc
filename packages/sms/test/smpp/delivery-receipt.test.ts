import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { utf8Encode } from '@dunlin/base';
import { MessageState } from '@dunlin/sms';
import fc from 'fast-check';

import { readDeliveryReceipt } from '../../src/smpp/delivery-receipt.ts';
import { receiptStateOf } from '../../src/smpp/message-state.ts';
import { byteTlv, Tag, textTlv } from '../../src/smpp/tlv.ts';

const text = utf8Encode(
  'id:00000003 sub:001 dlvrd:001 submit date:2611261731 done date:2611261732 stat:DELIVRD err:000 text:stat:REJECTD',
);

describe('Delivery receipts (SMPP 3.4 appendix B)', () => {
  test('takes id and state out of the text', () => {
    assert.deepEqual(readDeliveryReceipt(text, []), { messageId: '00000003', state: MessageState.delivered });
  });

  test('believes the optional parameters before the text (SMPP 3.4 §5.3.2.12, §5.3.2.35)', () => {
    const tlvs = [textTlv(Tag.receiptedMessageId, '1a2b'), byteTlv(Tag.messageState, MessageState.expired)];
    assert.deepEqual(readDeliveryReceipt(text, tlvs), { messageId: '1a2b', state: MessageState.expired });
  });

  test('takes from the text what the parameters leave out', () => {
    const tlvs = [{ tag: Tag.receiptedMessageId, value: utf8Encode('77') }];
    assert.deepEqual(readDeliveryReceipt(text, tlvs), { messageId: '77', state: MessageState.delivered });
  });

  test('takes words in any case, and spelled out', () => {
    for (const [word, state] of [
      ['stat:delivered', MessageState.delivered],
      ['Stat: Undeliverable', MessageState.undeliverable],
      ['STAT:REJECTED', MessageState.rejected],
      ['stat:ACCEPTD', MessageState.accepted],
    ] as const) {
      assert.deepEqual(readDeliveryReceipt(utf8Encode(word), []), { messageId: '', state });
    }
  });

  test('is no receipt without a state', () => {
    for (const without of ['', 'hello', 'id:12 stat:', 'id:12 stat:DEL err:0', 'id:12 stat:WONDERFUL']) {
      assert.equal(readDeliveryReceipt(utf8Encode(without), []), undefined);
    }
    assert.equal(
      readDeliveryReceipt(utf8Encode(''), [{ tag: Tag.messageState, value: Uint8Array.of(2, 2) }]),
      undefined,
    );
  });

  test('reads any bytes without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (bytes) => void readDeliveryReceipt(bytes, [])),
    );
  });

  test('tells the last word from news (SMPP 3.4 §5.2.28)', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((state) => receiptStateOf(state)),
      [
        undefined,
        undefined,
        'delivered',
        'expired',
        'failed',
        'failed',
        undefined,
        undefined,
        'rejected',
        undefined,
      ],
    );
  });
});
