import { concatBytes, utf8Encode } from '@dunlin/base';

/** Digits two an octet, the first one in the lower half, an odd number filled up (3GPP TS 24.008 §10.5.4.7). */
export function packedDigits(digits: string): Uint8Array {
  const value = (index: number): number => (index < digits.length ? Number(digits.charAt(index)) : 0x0f);
  return Uint8Array.from(
    { length: Math.ceil(digits.length / 2) },
    (_, index) => value(index * 2) | (value(index * 2 + 1) << 4),
  );
}

/** An IMSI as a mobile identity: its first digit shares an octet with the type (3GPP TS 24.008 §10.5.1.4). */
export function imsiIdentity(imsi: string): Uint8Array {
  const oddMark = imsi.length % 2 === 1 ? 0x08 : 0;
  const first = Uint8Array.of((Number(imsi.charAt(0)) << 4) | oddMark | 0x01);
  return concatBytes([first, packedDigits(imsi.slice(1))]);
}

/**
 * The name of an MME, a domain name of 55 octets (3GPP TS 29.118 §9.4.13). Each phone has an MME of its own, because the
 * centre takes one connection for each name.
 */
export function mmeNameOf(imsi: string): Uint8Array {
  const labels = [`mmec${imsi.slice(-2)}`, `mmegi${imsi.slice(-6, -2)}`, 'mme', 'epc', 'mnc001', 'mcc001'];
  return concatBytes(
    [...labels, '3gppnetwork', 'org'].flatMap((label) => [Uint8Array.of(label.length), utf8Encode(label)]),
  );
}
