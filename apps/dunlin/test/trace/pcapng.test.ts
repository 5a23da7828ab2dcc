import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexDecode, hexEncode } from '@dunlin/base';

import { addressBytes, udpPacket } from '../../src/trace/ip-packet.ts';
import { pcapngFile } from '../../src/trace/pcapng.ts';

describe('a capture file', () => {
  it('is blocks whose lengths stand at both ends, padded to 4 bytes', () => {
    const packet = Uint8Array.of(1, 2, 3, 4, 5);
    const file = pcapngFile([{ time: 1_767_268_800_123, packet, direction: 'out', comment: 'why' }], {
      application: 'Dunlin',
      interfaceName: 'trace',
    });
    const view = new DataView(file.buffer);
    const types: number[] = [];
    let at = 0;
    while (at < file.length) {
      const length = view.getUint32(at + 4, true);
      types.push(view.getUint32(at, true));
      assert.equal(length % 4, 0);
      assert.equal(view.getUint32(at + length - 4, true), length);
      at += length;
    }
    assert.deepEqual(types, [0x0a0d0d0a, 1, 6]);
    assert.equal(at, file.length);
  });

  it('tells the time of a packet in milliseconds of 64 bits', () => {
    const time = 1_767_268_800_123;
    const file = pcapngFile([{ time, packet: Uint8Array.of(1), direction: 'in' }], {
      application: 'x',
      interfaceName: 'y',
    });
    const at = file.length - new DataView(file.buffer).getUint32(file.length - 4, true);
    const view = new DataView(file.buffer, at);
    assert.equal(view.getUint32(12, true) * 2 ** 32 + view.getUint32(16, true), time);
  });
});

describe('a packet of UDP', () => {
  const payload = hexDecode('40010001') ?? new Uint8Array();

  it('of IPv4 has right checksums (RFC 1071)', () => {
    const packet = udpPacket(
      { address: '192.0.2.7', port: 40_123 },
      { address: '192.0.2.2', port: 5683 },
      payload,
    );
    assert.equal(packet.length, 20 + 8 + 4);
    assert.equal(hexEncode(packet.subarray(0, 4)), '45000020');
    assert.equal(onesSum(packet.subarray(0, 20)), 0xffff);
    const pseudo = [...packet.subarray(12, 20), 0, 17, 0, 12];
    assert.equal(onesSum(Uint8Array.from([...pseudo, ...packet.subarray(20)])), 0xffff);
  });

  it('of IPv6 has a right checksum', () => {
    const packet = udpPacket(
      { address: 'fe80::1%eth0', port: 1 },
      { address: '2001:db8::2', port: 5683 },
      payload,
    );
    assert.equal(packet.length, 40 + 8 + 4);
    const pseudo = [...packet.subarray(8, 40), 0, 0, 0, 12, 0, 0, 0, 17];
    assert.equal(onesSum(Uint8Array.from([...pseudo, ...packet.subarray(40)])), 0xffff);
  });

  it('knows addresses in all the ways they are written', () => {
    const forms = {
      '::': '00000000000000000000000000000000',
      '::1': '00000000000000000000000000000001',
      '2001:db8::a:1': '20010db80000000000000000000a0001',
      '1:2:3:4:5:6:7:8': '00010002000300040005000600070008',
      'fe80::': 'fe800000000000000000000000000000',
      '::ffff:192.0.2.7': '00000000000000000000ffffc0000207',
      '192.0.2.7': 'c0000207',
    };
    for (const [text, bytes] of Object.entries(forms))
      assert.equal(hexEncode(addressBytes(text)), bytes, text);
  });
});

function onesSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2)
    sum += ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}
