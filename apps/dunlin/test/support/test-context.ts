import { Readable } from 'node:stream';

import type { HttpAnswer, HttpBody, HttpRequest } from '@dunlin/api';
import { concatBytes } from '@dunlin/base';

import type { ProgramContext } from '../../src/program/program-context.ts';

/** A request that the program made. */
export interface MadeRequest extends Omit<HttpRequest, 'body'> {
  /** Whole, also when it was sent piece by piece. */
  readonly body?: string | Uint8Array;
  readonly url: string;
}

/** What a test server answers: a document, a whole answer, or nothing at all. */
export type TestAnswer =
  | { readonly status?: number; readonly json?: unknown; readonly text?: string }
  | 'unreachable';

export interface TestContext extends ProgramContext {
  readonly out: () => string;
  readonly err: () => string;
  readonly requests: MadeRequest[];
  /** What was written, by path. */
  readonly written: Map<string, Uint8Array>;
  readonly interrupt: () => void;
}

/** A program context without a system behind it. */
export function testContext(
  answer: (request: MadeRequest) => TestAnswer = () => 'unreachable',
  options: { readonly env?: Record<string, string>; readonly files?: Record<string, string> } = {},
): TestContext {
  let out = '';
  let err = '';
  const requests: MadeRequest[] = [];
  const written = new Map<string, Uint8Array>();
  const interruption = new AbortController();
  return {
    out: () => out,
    err: () => err,
    requests,
    written,
    interrupt: () => interruption.abort(),
    stdout: { isTerminal: false, write: (text) => Promise.resolve(void (out += text)) },
    stderr: { isTerminal: false, write: (text) => Promise.resolve(void (err += text)) },
    stdin: { isTerminal: false, [Symbol.asyncIterator]: noLines },
    env: options.env ?? {},
    interrupted: interruption.signal,
    fetch: async (url, { body, ...request }) => {
      const made = { url, ...request, ...(body === undefined ? {} : { body: await wholeOf(body) }) };
      requests.push(made);
      return await answerOf(answer(made));
    },
    onHangUp: () => ({ [Symbol.dispose]: () => undefined }),
    openFile: (path) => {
      const text = options.files?.[path];
      if (text === undefined) return Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' }));
      const bytes = new TextEncoder().encode(text);
      return Promise.resolve({
        size: bytes.length,
        bytes: Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]),
      });
    },
    readFile: (path) => {
      const text = options.files?.[path];
      if (text === undefined) return Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' }));
      return Promise.resolve(new TextEncoder().encode(text));
    },
    writeFile: (path, bytes) => Promise.resolve(void written.set(path, bytes)),
    now: () => Date.parse('2026-01-01T12:00:00Z'),
    sleep: () => Promise.resolve(),
    version: '0.0.0',
  };
}

async function wholeOf(body: HttpBody): Promise<string | Uint8Array> {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return concatBytes(pieces);
}

async function* noLines(): AsyncGenerator<string, void, void> {}

function answerOf(answer: TestAnswer): Promise<HttpAnswer> {
  if (answer === 'unreachable') return Promise.reject(new TypeError('fetch failed'));
  const text = answer.text ?? JSON.stringify(answer.json ?? null);
  return Promise.resolve({
    status: answer.status ?? 200,
    headers: { get: () => null },
    body: (async function* chunks() {
      yield new TextEncoder().encode(text);
    })(),
    text: () => Promise.resolve(text),
  });
}
