import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseCoapUri } from '@dunlin/coap';
import fc from 'fast-check';

describe('a CoAP URI (RFC 7252 §6.4)', () => {
  const good: readonly (readonly [
    text: string,
    host: string,
    port: number,
    path: string[],
    query: string[],
  ])[] = [
    ['coap://192.0.2.1', '192.0.2.1', 5683, [], []],
    ['coap://192.0.2.1/', '192.0.2.1', 5683, [], []],
    ['coaps://example.com/fw/v2.bin', 'example.com', 5684, ['fw', 'v2.bin'], []],
    ['coap://[2001:db8::1]:61616//a/', '2001:db8::1', 61_616, ['', 'a', ''], []],
    [
      'coap://host:5683/%7Esensors/temp%2Fx?a=b%26c&&d',
      'host',
      5683,
      ['~sensors', 'temp/x'],
      ['a=b&c', '', 'd'],
    ],
    ['COAP://Host/A', 'Host', 5683, ['A'], []],
    ['coap://h?q', 'h', 5683, [], ['q']],
  ];
  for (const [text, host, port, path, query] of good) {
    test(`is taken apart: ${text}`, () => {
      const isSecure = text.startsWith('coaps');
      assert.deepEqual(parseCoapUri(text), { kind: 'coap-uri', isSecure, host, port, path, query });
    });
  }

  const bad: readonly (readonly [text: string, problem: string])[] = [
    ['', 'no-uri'],
    ['firmware', 'no-uri'],
    ['coap:', 'no-uri'],
    ['coap:///path', 'no-uri'],
    ['coap://host:99999/', 'no-uri'],
    ['http://host/', 'other-scheme'],
    ['coap+tcp://host/', 'other-scheme'],
    ['coap://host/#part', 'fragment-or-user'],
    ['coap://user@host/', 'fragment-or-user'],
    ['coap://:secret@host/', 'fragment-or-user'],
    ['coap://host/%zz', 'percent-encoding'],
    ['coap://host/?%ff', 'percent-encoding'],
  ];
  for (const [text, problem] of bad) {
    test(`is none: ${JSON.stringify(text)}, ${problem}`, () => {
      assert.deepEqual(parseCoapUri(text), { kind: 'failure', problem });
    });
  }

  test('any text is taken or refused', () => {
    fc.assert(
      fc.property(fc.constantFrom('coap://', 'coaps://h', ''), fc.string(), (start, rest) => {
        assert.ok(['coap-uri', 'failure'].includes(parseCoapUri(start + rest).kind));
      }),
    );
  });
});
