// Lines that the console gives to be pasted into a shell, read back by the program itself.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { DunlinApi, parseJson, type ResourceInput } from '@dunlin/api';
import fc from 'fast-check';

import {
  commandLine,
  type CommandOperation,
  type CommandTarget,
} from '../../../console/src/pages/device/resources/command-lines.ts';
import { runProgram } from '../../src/program/run-program.ts';
import { type MadeRequest, testContext } from '../support/test-context.ts';

const url = 'http://127.0.0.1:8080';
const env = { DUNLIN_URL: url, DUNLIN_API_TOKEN: 'token' };

/** The words that a POSIX shell makes of a line; fails for a character that could mean something else to one. */
function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let rest = line;
  while (rest !== '') {
    const [part = ''] = /^(?:'[^']*'|\\'|[\w./:@%+,=-]+| )/.exec(rest) ?? [];
    assert.notEqual(part, '', `a shell could make something else of ${rest}`);
    rest = rest.slice(part.length);
    if (part === ' ') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + (part === String.raw`\'` ? "'" : part.replaceAll("'", ''));
    }
  }
  return word === undefined ? words : [...words, word];
}

/** The request that the program makes when it is given the words of a line. */
async function requestOf(line: string): Promise<MadeRequest | undefined> {
  const [npx, program, ...args] = shellWords(line);
  assert.deepEqual([npx, program], ['npx', 'dunlin']);
  const context = testContext(
    ({ url: asked }) => {
      if (asked.includes('/observations/')) context.interrupt();
      return { text: '' };
    },
    { env },
  );
  await runProgram(args, context);
  return context.requests.find((made) => made.url.includes('/devices/'));
}

/** What the console itself asks for the same. */
async function requestOfConsole(
  target: CommandTarget,
  operation: CommandOperation,
): Promise<MadeRequest | undefined> {
  const context = testContext(() => ({ text: '' }));
  const api = new DunlinApi({ url, fetch: context.fetch, token: 'token' });
  // The answer is of no interest, and none that a client takes.
  await ask(api, target, operation).catch(() => undefined);
  return context.requests[0];
}

function ask(
  api: DunlinApi,
  { endpoint, path, terms }: CommandTarget,
  operation: CommandOperation,
): Promise<unknown> {
  switch (operation.name) {
    case 'read':
      return api.read(endpoint, path, terms);
    case 'discover':
      return api.discover(endpoint, path, terms);
    case 'observe':
      return api.observe(endpoint, path, terms);
    case 'delete':
      return api.delete(endpoint, path, terms);
    case 'write':
      return api.write(endpoint, path, operation.input, terms);
    case 'update':
      return api.write(endpoint, path, { resources: operation.resources }, { ...terms, mode: 'update' });
    case 'execute':
      return api.execute(endpoint, path, operation.args, terms);
    case 'create': {
      const { resources, instanceId } = operation;
      const input = { resources, ...(instanceId === undefined ? {} : { instanceId }) };
      return api.create(endpoint, path, input, terms);
    }
    case 'attributes':
      return api.writeAttributes(endpoint, path, operation.change);
  }
}

/** A body in which each value of a Resource is a text, as the server takes it as well. */
function bodyOf(request: MadeRequest | undefined): unknown {
  const { body } = request ?? {};
  if (typeof body !== 'string' || !body.startsWith('{')) return body;
  const parsed = parseJson(body);
  return parsed.kind === 'json' ? withTexts(parsed.value) : body;
}

function withTexts(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value);
  const [only] = members;
  // A Resource in full says no more than its value alone.
  if (members.length === 1 && only?.[0] === 'value') return withTexts(only[1]);
  return Object.fromEntries(members.map(([name, member]) => [name, withTexts(member)]));
}

async function assertSame(
  { endpoint, path, terms = {} }: CommandTarget,
  operation: CommandOperation,
): Promise<void> {
  const line = commandLine({ endpoint, path, terms }, operation);
  assert.ok(line !== undefined, operation.name);
  const [made, expected] = [
    await requestOf(line),
    await requestOfConsole({ endpoint, path, terms }, operation),
  ];
  assert.deepEqual([made?.method, made?.url], [expected?.method, expected?.url], line);
  assert.deepEqual(bodyOf(made), bodyOf(expected), line);
}

const hostile = [
  'lamp',
  '-x',
  '--help',
  '--',
  "a'; rm -rf ~ #",
  '$(reboot)',
  '`reboot`',
  '$HOME ${IFS} !! * ? [a] {b,c} ~',
  'a\nb\tc',
  '\\',
  '"',
  "''",
  'a|b&c>d<e;f',
  'urn:dev:ops:32473-ö-日本',
  '=',
] as const;

const operations = (value: string): readonly (readonly [string, CommandOperation])[] => [
  ['/3/0/0', { name: 'read' }],
  ['/3/0', { name: 'discover' }],
  ['/3303/0/5700', { name: 'observe' }],
  ['/3303/1', { name: 'delete' }],
  ['/3/0/14', { name: 'write', input: { value } }],
  ['/40000/0/1', { name: 'write', input: { value, type: 'string' } }],
  ['/40000/0/2', { name: 'write', input: { values: { '0': value, '7': 'x' } } }],
  ['/3/0', { name: 'update', resources: { '14': { value }, '15': { value: 'Europe/Berlin' } } }],
  ['/3/0/4', { name: 'execute', args: `0='${value}'` }],
  ['/3/0/4', { name: 'execute', args: '' }],
  ['/3303', { name: 'create', resources: { '5701': { value } }, instanceId: 4 }],
  ['/3303', { name: 'create', resources: {} }],
  ['/3303/0/5700', { name: 'attributes', change: { pmin: 5, pmax: 60, gt: -1.5, lt: null, st: 1e-7 } }],
];

describe('commands that are copied from the console', () => {
  for (const endpoint of hostile) {
    it(`ask the same as the console does, of a device named ${JSON.stringify(endpoint)}`, async () => {
      for (const [path, operation] of operations('+01:00')) await assertSame({ endpoint, path }, operation);
    });
  }

  it('ask on the same terms', async () => {
    const terms = { timeout: 2.5, format: 'json' } as const;
    for (const [path, operation] of operations('x'))
      await assertSame({ endpoint: 'lamp', path, terms }, operation);
  });

  it('write the same values, whatever is in them', async () => {
    for (const value of ['', ...hostile]) {
      for (const [path, operation] of operations(value))
        await assertSame({ endpoint: 'lamp', path }, operation);
    }
  });

  it('write values of every type as the texts that the server reads them from', async () => {
    const inputs: readonly ResourceInput[] = [
      { value: -9_223_372_036_854_775_808n },
      { value: -0.5 },
      { value: true },
      { value: 'AQID' },
      { value: '3303:0' },
      { values: {} },
    ];
    for (const input of inputs)
      await assertSame({ endpoint: 'lamp', path: '/3303/0/5700' }, { name: 'write', input });
  });

  it('are one word for a shell, whatever texts there are', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0'));
    fc.assert(
      fc.property(text, text, (endpoint, args) => {
        const line = commandLine({ endpoint, path: '/3/0/4' }, { name: 'execute', args }) ?? '';
        const dashed = [endpoint, args].some((word) => word.startsWith('-'));
        const words = shellWords(line).slice(dashed ? 4 : 3);
        assert.deepEqual(words, [endpoint, '/3/0/4', ...(args === '' ? [] : [args])]);
      }),
    );
  });
});
