import { tmpdir } from 'node:os';

import { Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import { buildLeshan, everyTypeFile, type LeshanBuild, type LeshanGeneration } from './leshan-build.ts';

const builds = { 1: await buildLeshan(1), 2: await buildLeshan(2) };

/** For the `skip` option of tests with Leshan 1: false when it is there, else the reason, also under `CI=true`. */
export const skip: string | false = reasonOf(builds[1]);
/** The same of Leshan 2. */
export const skip2: string | false = reasonOf(builds[2]);

/** What a program is started with; see its source. */
export type LeshanSettings = Readonly<Record<string, string>>;

/** One of our programs on Leshan: it is asked by lines and tells what happens by lines. */
export class LeshanProgram implements AsyncDisposable {
  readonly #program: Program;
  #asked = 0;

  constructor(
    name: 'Client' | 'Server' | 'Bootstrap',
    settings: LeshanSettings = {},
    generation: LeshanGeneration = 1,
  ) {
    const build = builds[generation];
    const classPath = build.kind === 'built' ? build.classPath : '';
    const words = Object.entries({ ddf: everyTypeFile, ...settings }).map(
      ([key, value]) => `${key}=${encodeURIComponent(value)}`,
    );
    const suffix = generation === 1 ? '' : String(generation);
    const main = `dunlin.leshan${suffix}.Leshan${suffix}${name}Program`;
    // Californium writes a file of settings to where it runs.
    this.#program = new Program(['java', '-cp', classPath, main, ...words], { cwd: tmpdir() });
  }

  /** The ports that a server listens at, without security and with it. */
  async ports(): Promise<readonly [coap: number, coaps: number]> {
    const [, coap, coaps] = await this.told(/^listening (\d+) (\d+)$/);
    return [Number(coap), Number(coaps)];
  }

  /** Gives a command, its values not encoded yet, and gives what it is answered. */
  async ask(...words: readonly string[]): Promise<string> {
    this.#asked += 1;
    this.#program.type(words.map(encoded).join(' '));
    const [, answer = ''] = await this.told(/^answer (.*)$/, this.#asked);
    return answer;
  }

  /** Waits for a line, or for as many of them, and gives the last of these. */
  async told(pattern: RegExp, count = 1): Promise<RegExpExecArray> {
    const what = (): string =>
      `${pattern} ${count} times in\n${this.#program.stdout}\n${this.#program.stderr}`;
    return await until(() => {
      const { isClosed } = this.#program;
      const line = this.#lines(pattern)[count - 1];
      if (line === undefined && isClosed) throw new Error(`it ended without ${what()}`);
      return line;
    }, what);
  }

  /** How many such lines there were until now. */
  count(pattern: RegExp): number {
    return this.#lines(pattern).length;
  }

  /** Has it end by itself: a device deregisters first. */
  async quit(): Promise<void> {
    this.#program.type('quit');
    await this.#program.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }

  #lines(pattern: RegExp): readonly RegExpExecArray[] {
    const lines = this.#program.stdout.split('\n').slice(0, -1);
    return lines.map((line) => pattern.exec(line)).filter((match) => match !== null);
  }
}

function reasonOf(build: LeshanBuild): string | false {
  return build.kind === 'missing' && build.reason;
}

/** A word without blanks: of what looks like `id=value` the value is encoded. */
function encoded(word: string): string {
  const [, id, value] = /^([\d.]+=)(.*)$/s.exec(word) ?? [];
  return id === undefined || value === undefined ? word : id + encodeURIComponent(value);
}
