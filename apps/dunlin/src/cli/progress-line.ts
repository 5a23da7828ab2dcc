import type { Output } from '../program/program-context.ts';
import { printable } from './table.ts';

/** How far something is. */
export interface Progress {
  /** What is said in words, such as `3.1 of 12 MiB`. */
  readonly text: string;
  /** From 0 to 1; `undefined` while nothing can be said. */
  readonly part: number | undefined;
}

const barLength = 24;
/** Lines that are not drawn over one another say every tenth. */
const lineSteps = 10;

/** Shows progress: one line drawn again and again on a terminal, and lines at intervals for whoever keeps them. */
export class ProgressLine {
  readonly #output: Output;
  readonly #title: string;
  #shown = '';
  #step = '';

  constructor(output: Output, title: string) {
    this.#output = output;
    this.#title = printable(title);
  }

  /** `kind` tells what differs other than the amount. */
  async show({ text, part }: Progress, kind = ''): Promise<void> {
    const words = printable(text);
    if (this.#output.isTerminal) {
      const line = `${this.#title}  ${part === undefined ? '' : `${bar(part)}  `}${words}`;
      if (line === this.#shown) return;
      this.#shown = line;
      // Back to the beginning of the line, and nothing left of what was longer.
      await this.#output.write(`\r${line}\u001b[K`);
      return;
    }
    const step = `${kind} ${part === undefined ? words : Math.floor(part * lineSteps)}`;
    if (step === this.#step) return;
    this.#step = step;
    await this.#output.write(`${this.#title}: ${words}\n`);
  }

  /** Leaves the line as it is, and goes on below. */
  async end(): Promise<void> {
    if (this.#shown !== '') await this.#output.write('\n');
    this.#shown = '';
  }
}

function bar(part: number): string {
  const full = Math.floor(Math.min(Math.max(part, 0), 1) * barLength);
  return `[${'#'.repeat(full)}${'.'.repeat(barLength - full)}]`;
}
