import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { utf8Encode } from '@dunlin/base';
import fc from 'fast-check';

import { asText, decodePem, looksLikePem, type PemBlock } from '../../src/credentials/pem.ts';
import { isMalformed } from '../../src/wire/malformed.ts';
import { byteStrings } from '../support/arbitraries.ts';
import { wellFormed } from '../support/codec.ts';
import { pem } from '../support/pem.ts';

const labels = fc.constantFrom('CERTIFICATE', 'PUBLIC KEY', 'EC PRIVATE KEY', 'X509 CRL');
const blocks: fc.Arbitrary<readonly PemBlock[]> = fc.array(
  fc.record({ label: labels, bytes: byteStrings(1, 200) }, { noNullPrototype: true }),
  { minLength: 1, maxLength: 5 },
);

function assertRefused(text: string, reason: RegExp): void {
  const decoded = decodePem(text);
  assert.ok(isMalformed(decoded), 'was accepted');
  assert.match(decoded.reason, reason);
}

describe('PEM (RFC 7468)', () => {
  it('is read back to the blocks it was made of, whatever stands between them', () => {
    fc.assert(
      fc.property(
        blocks,
        fc.constantFrom('', '\n', 'subject=CN = test\r\n', 'a: b\n'),
        (written, between) => {
          const text = between + written.map(({ label, bytes }) => pem(label, bytes)).join(between) + between;
          assert.deepEqual(wellFormed(decodePem(text)), written);
          assert.deepEqual(wellFormed(decodePem(text.replaceAll('\n', '\r\n'))), written);
        },
      ),
    );
  });

  it('is refused when a block does not end, ends otherwise, is empty or is not Base64', () => {
    const begin = '-----BEGIN CERTIFICATE-----\n';
    const end = '-----END CERTIFICATE-----\n';
    assertRefused('', /no PEM block/);
    assertRefused('just a text', /no PEM block/);
    assertRefused(`${begin}AAAA\n`, /does not end/);
    assertRefused(end, /did not begin/);
    assertRefused(`${begin}${begin}AAAA\n${end}`, /begins within another/);
    assertRefused(`${begin}AAAA\n-----END PUBLIC KEY-----`, /did not begin/);
    assertRefused(begin + end, /not valid Base64/);
    assertRefused(`${begin}AAA\n${end}`, /not valid Base64/);
    assertRefused(`${begin}A*AA\n${end}`, /not valid Base64/);
  });

  it('says so when a key is encrypted in the old way', () => {
    const text =
      '-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END EC PRIVATE KEY-----\n';
    assertRefused(text, /encrypted/);
  });

  it('is bounded', () => {
    assertRefused(pem('CERTIFICATE', Uint8Array.of(1)).repeat(513), /more than 512/);
    assertRefused(' '.repeat(1_048_577), /longer than/);
  });

  it('never repeats in a reason what stands in a text (checklist 29)', () => {
    const secret = 'c2VjcmV0';
    for (const text of [
      `-----BEGIN PRIVATE KEY-----\n${secret}*\n-----END PRIVATE KEY-----`,
      `-----BEGIN PRIVATE KEY-----\n${secret}`,
      secret,
    ]) {
      const decoded = decodePem(text);
      assert.ok(isMalformed(decoded) && !decoded.reason.includes(secret));
    }
  });

  it('is told from DER, whatever the bytes are', () => {
    assert.ok(looksLikePem(utf8Encode(pem('CERTIFICATE', Uint8Array.of(1)))));
    assert.ok(!looksLikePem(Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x01)));
    assert.ok(!looksLikePem(new Uint8Array()));
    fc.assert(
      fc.property(byteStrings(0, 200), (bytes) => {
        looksLikePem(bytes);
        decodePem(asText(bytes));
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void decodePem(`-----BEGIN A-----${text}-----END A-----`)));
  });
});
