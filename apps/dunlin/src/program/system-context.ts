import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

import type { HttpBody, HttpFetch } from '@dunlin/api';

import packageFile from '../../package.json' with { type: 'json' };
import { ExitCode } from './exit-code.ts';
import type { NamedBytes, Output, ProgramContext } from './program-context.ts';

/**
 * Signals within so many milliseconds are one: a terminal sends Ctrl-C to every process, and npm and the launcher
 * pass on what they get as well.
 */
const sameInterruption = 500;

/** What the system really gives the program. The first Ctrl-C or SIGTERM ends it cleanly, the second at once. */
export function systemContext(): ProgramContext {
  const interruption = new AbortController();
  let interruptedAt = 0;
  const interrupt = (): void => {
    if (!interruption.signal.aborted) {
      interruptedAt = performance.now();
      interruption.abort();
    } else if (performance.now() - interruptedAt > sameInterruption) process.exit(ExitCode.interrupted);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const interrupted = interruption.signal;
  return {
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    stdin: {
      isTerminal: process.stdin.isTTY,
      [Symbol.asyncIterator]: () => inputLines(interrupted),
    },
    env: process.env,
    fetch: systemFetch,
    interrupted,
    onHangUp(listener) {
      process.on('SIGHUP', listener);
      return { [Symbol.dispose]: () => void process.off('SIGHUP', listener) };
    },
    openFile: openRegularFile,
    readFile: async (path) => new Uint8Array(await readFile(path)),
    writeFile: (path, bytes) => writeFile(path, bytes),
    now: () => Date.now(),
    sleep: (milliseconds) => wait(milliseconds, undefined, { signal: interrupted }).catch(() => undefined),
    version: packageFile.version,
  };
}

const systemFetch: HttpFetch = (url, { method, headers, body, signal }) =>
  fetch(url, {
    method,
    headers: { ...headers },
    ...(body === undefined ? {} : bodyOf(body)),
    ...(signal === undefined ? {} : { signal }),
  });

function bodyOf(body: HttpBody): Pick<RequestInit, 'body' | 'duplex'> {
  if (typeof body === 'string') return { body };
  if (body instanceof Uint8Array) return { body: new Uint8Array(body) };
  return { body: ReadableStream.from(body), duplex: 'half' };
}

async function openRegularFile(path: string): Promise<NamedBytes> {
  const facts = await stat(path);
  if (!facts.isFile()) throw new Error(`${path} is no file`);
  return { size: facts.size, bytes: createReadStream(path) };
}

function outputTo(stream: Writable & { readonly isTTY?: boolean }): Output {
  // Without a listener a broken pipe would be an exception; `write` tells of it.
  stream.on('error', () => undefined);
  return {
    isTerminal: stream.isTTY === true,
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => {
          if (error === null || error === undefined) resolve();
          else reject(error);
        });
      }),
  };
}

async function* inputLines(interrupted: AbortSignal): AsyncGenerator<string, void, void> {
  const lines = createInterface({
    input: process.stdin,
    ...(process.stdin.isTTY ? { output: process.stdout, prompt: '> ' } : {}),
    signal: interrupted,
  });
  // The interface catches Ctrl-C of a terminal before the process sees it.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  // Lines that are still to be taken may come after the end of the input, when there is nothing to ask for.
  let isOpen = true;
  lines.once('close', () => (isOpen = false));
  lines.prompt();
  for await (const line of lines) {
    yield line;
    if (isOpen) lines.prompt();
  }
}
