import assert from 'node:assert/strict';

import {
  ContentFormat,
  formatCode,
  Method,
  MessageType,
  OptionNumber,
  type OutgoingOption,
} from '@dunlin/coap';

import { type EnablerCase, runCases, runRawCases } from './support/cases.ts';
import { minimal, portfolioConfiguration, sampled } from './support/configurations.ts';
import type { EnablerWorld } from './support/enabler-world.ts';
import { segments } from './support/raw-manager.ts';
import { expectCode, expectValues, hex, instanceOf, text, tlv, utf8, valueOf } from './support/verdicts.ts';

const { confirmable } = MessageType;
const token = Uint8Array.of(1, 2, 3, 4);

/** The code of the answer to a request of plain CoAP. */
async function codeOf(
  world: EnablerWorld,
  request: Parameters<EnablerWorld['raw']['send']>[0],
): Promise<string> {
  return formatCode((await world.settled(world.raw.send(request))).code);
}

/** The options of a path. */
function pathOptions(path: string): readonly OutgoingOption[] {
  return segments(path).map((value) => ({ number: OptionNumber.uriPath, value }));
}

const executeVectors: readonly (readonly [args: string, isValid: boolean])[] = [
  ['', true],
  ['5', true],
  ["2='10.3'", true],
  ["7,0='https://www.oma.example'", true],
  ['0,1,2,3,4', true],
  ["0=''", true],
  ['10', false],
  ['0=1', false],
  ["0='a", false],
  ["0='a'b'", false],
  ['0,', false],
  [',0', false],
  ['0,0', false],
  ["0='\u0001'", false],
  ['a', false],
];

const cases: readonly EnablerCase[] = [
  {
    name: 'X-DM-3: refuses an instance Write with one read-only Resource with 4.05 and changes nothing (R-443)',
    configuration: sampled,
    run: async (world) => {
      // Level 30, count 1 (which is read-only), label "new".
      const payload = hex('C4 00 41 F0 00 00 C1 01 01 C3 04 6E 65 77');
      expectCode(await world.post('/26400/0', tlv, payload), '4.05');
      expectValues(instanceOf(await world.read('/26400/0', tlv)), { 0: 20, 1: 7, 4: 'probe' });
    },
  },
  {
    name: 'X-DM-4: creates with the id it is given, or with one of its own that it tells (R-471)',
    configuration: sampled,
    run: async (world) => {
      const named = await world.create('/26400', tlv, hex('08 05 06 C4 00 41 F0 00 00'));
      expectCode(named, '2.01');
      expectValues(instanceOf(await world.read('/26400/5', tlv)), { 0: 30 });
      const unnamed = await world.create('/26400', tlv, hex('C4 00 41 F0 00 00'));
      expectCode(unnamed, '2.01');
      assert.match(unnamed.location ?? '', /^\/26400\/\d+$/);
      expectValues(instanceOf(await world.read(unnamed.location ?? '', tlv)), { 0: 30 });
    },
  },
  {
    name: 'X-DM-4: refuses a Create whose id is taken or that lacks what is mandatory with 4.00 (R-472, R-473)',
    configuration: sampled,
    run: async (world) => {
      expectCode(await world.create('/26400', tlv, hex('08 00 06 C4 00 41 F0 00 00')), '4.00');
      expectCode(await world.create('/26400', tlv, hex('C3 04 6E 65 77')), '4.00');
      expectCode(await world.create('/16', tlv, hex('80 00')), '4.04');
      const { client } = world;
      assert.deepEqual([...client.objects.instanceIds(26_400)], [0], 'nothing was created');
    },
  },
  {
    name: 'X-DM-6: takes a Write in blocks, and is read in blocks (R-903)',
    configuration: sampled,
    run: async (world) => {
      const blob = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
      expectCode(await world.put('/26400/0/2', 42, blob), '2.04');
      assert.deepEqual(valueOf(await world.read('/26400/0/2', 42)), blob);
    },
  },
  {
    name: '1.1-int-228: replaces the values of a multiple Resource, those that are left out go',
    configuration: portfolioConfiguration,
    run: async (world) => {
      expectCode(await world.put('/16/0', tlv, hex('86 00 41 00 61 41 03 62')), '2.04');
      assert.deepEqual(instanceOf(await world.read('/16/0', tlv)), { 0: { 0: 'a', 3: 'b' } });
    },
  },
];

const rawCases: readonly EnablerCase[] = [
  {
    name: '1.1-int-221: has no Security Object for a Server: Read, Write, Write-Attributes and Discover give 4.01',
    configuration: minimal,
    run: async (world) => {
      assert.equal(await codeOf(world, { method: Method.get, uriPath: ['0'] }), '4.01');
      assert.equal(
        await codeOf(world, { method: Method.get, uriPath: ['0'], accept: ContentFormat.linkFormat }),
        '4.01',
      );
      const payload = utf8('coap://evil.example');
      const write = { method: Method.put, uriPath: ['0', '0', '0'], contentFormat: text, payload } as const;
      assert.equal(await codeOf(world, write), '4.01');
      const attributes = { method: Method.put, uriPath: ['0'], uriQuery: ['pmin=30', 'pmax=45'] } as const;
      assert.equal(await codeOf(world, attributes), '4.01');
    },
  },
  {
    name: 'X-DM-1: answers an unsupported Accept with 4.06 and an unsupported Content-Format with 4.15 (R-403, R-404)',
    configuration: minimal,
    run: async (world) => {
      assert.equal(await codeOf(world, { method: Method.get, uriPath: ['3', '0'], accept: 9999 }), '4.06');
      assert.equal(await codeOf(world, { method: Method.get, uriPath: ['3', '0'], accept: text }), '4.06');
      const write = {
        method: Method.put,
        uriPath: ['1', '0', '1'],
        contentFormat: 9999,
        payload: utf8('1'),
      } as const;
      assert.equal(await codeOf(world, write), '4.15');
      assert.equal(valueOf(await world.read('/1/0/1')), 86_400);
    },
  },
  {
    name: 'X-DM-1: answers an unknown critical option with 4.02 (R-405)',
    configuration: minimal,
    run: async (world) => {
      const options = [...pathOptions('/3/0/0'), { number: 65_001, value: new Uint8Array(0) }];
      const response = await world.inject({
        type: confirmable,
        code: Method.get,
        messageId: 7,
        token,
        options,
      });
      assert.equal(response.code, '4.02');
    },
  },
  ...executeVectors.map(([args, isValid]): EnablerCase => ({
    name: `X-DM-2: ${isValid ? 'takes' : 'refuses'} the Execute arguments ${JSON.stringify(args)} (R-461)`,
    configuration: sampled,
    run: async (world) => {
      expectCode(await world.execute('/26400/0/3', args), isValid ? '2.04' : '4.00');
    },
  })),
  {
    name: 'X-DM-2: refuses to execute what is not executable with 4.05 (R-460)',
    configuration: sampled,
    run: async (world) => {
      expectCode(await world.execute('/26400/0/0'), '4.05');
    },
  },
  ...(
    [
      ['a truncated value', 'C4 00 41 F0'],
      ['a truncated length', 'C8 02'],
      ['a missing type', '00'],
      ['a float of three bytes', 'C3 00 41 F0 00'],
      ['a Resource Instance outside of a Resource', '41 00 01'],
      ['an instance in a Resource', '86 00 04 00 C1 00 01 00'],
    ] as const
  ).map(([name, payload]): EnablerCase => ({
    name: `X-DM-5: answers TLV with ${name} with 4.00 and changes nothing (R-1111, R-1115)`,
    configuration: sampled,
    run: async (world) => {
      expectCode(await world.post('/26400/0', tlv, hex(payload)), '4.00');
      assert.equal(valueOf(await world.read('/26400/0/0')), 20);
    },
  })),
  ...(
    [
      ['-128', 'C1 05 80'],
      ['-129', 'C2 05 FF 7F'],
      ['32768', 'C4 05 00 00 80 00'],
      ['86400', 'C4 05 00 01 51 80'],
      ['2147483648', 'C8 05 08 00 00 00 00 80 00 00 00'],
      ['-9223372036854775808', 'C8 05 08 80 00 00 00 00 00 00 00'],
    ] as const
  ).map(([number, bytes]): EnablerCase => ({
    name: `X-DM-5: takes the integer ${number} in TLV, and sends the same shortest form (R-1110, R-1116)`,
    configuration: sampled,
    run: async (world) => {
      expectCode(await world.put('/26400/0/5', tlv, hex(bytes)), '2.04');
      assert.equal((await world.read('/26400/0/5', text)).text, number);
      assert.deepEqual((await world.read('/26400/0/5', tlv)).payload, hex(bytes));
    },
  })),
  {
    name: 'X-DM-6: answers a block that is out of turn with 4.08 (R-903)',
    configuration: sampled,
    run: async (world) => {
      const options = [
        ...pathOptions('/26400/0/2'),
        { number: OptionNumber.contentFormat, value: 42 },
        { number: OptionNumber.block1, value: (3 << 4) | 6 },
      ];
      const message = { type: confirmable, code: Method.put, messageId: 9, token, options };
      assert.equal((await world.inject({ ...message, payload: new Uint8Array(10) })).code, '4.08');
    },
  },
  {
    name: 'X-DM-6: answers a body that is too large with 4.13 (R-903)',
    configuration: sampled,
    run: async (world) => {
      const payload = new Uint8Array(200_000);
      const request = {
        method: Method.put,
        uriPath: ['26400', '0', '2'],
        contentFormat: 42,
        payload,
      } as const;
      assert.equal(await codeOf(world, request), '4.13');
    },
  },
];

runCases('Device management (own cases)', cases);
runRawCases('Device management (own cases): our client and a Server of plain CoAP', rawCases);
