import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from '../../../support/until.ts';
import type { VirtualModem } from './virtual-modem.ts';

/**
 * The cable between a host and a virtual modem: a pseudo-terminal, which socat makes. When a host closes it, it is there
 * again for the next one.
 */
export class SerialLine implements AsyncDisposable {
  /** What the host opens. */
  readonly path: string;
  readonly folder: string = mkdtempSync(join(tmpdir(), 'dunlin-modem-'));
  readonly #modem: VirtualModem;
  #isPlugged = false;
  #socat: ChildProcess | undefined;
  /** Each pseudo-terminal is for one host. */
  #connections = 0;

  static async plug(modem: VirtualModem): Promise<SerialLine> {
    const line = new SerialLine(modem);
    await line.plug();
    return line;
  }

  private constructor(modem: VirtualModem) {
    this.#modem = modem;
    this.path = join(this.folder, 'ttyModem');
  }

  async plug(): Promise<void> {
    this.#isPlugged = true;
    this.#connect();
    await this.#ready();
  }

  /** Has a host use the port and close it, and waits until the next one can. */
  async lend<Result>(use: () => Promise<Result>): Promise<Result> {
    const before = this.#connections;
    try {
      return await use();
    } finally {
      await until(
        () => this.#connections > before,
        () => `the end of a host at ${this.path}`,
      );
      await this.#ready();
    }
  }

  /** Pulls the plug: the port of the host is gone, and the modem without power. */
  async unplug(): Promise<void> {
    this.#isPlugged = false;
    const socat = this.#socat;
    if (socat === undefined) return;
    const gone = once(socat, 'close');
    socat.kill();
    await gone;
    this.#modem.state.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unplug();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    await until(
      () => existsSync(this.path),
      () => `a pseudo-terminal ${this.path}`,
    );
  }

  #connect(): void {
    this.#connections += 1;
    const terminal = `PTY,link=${this.path},rawer,b115200,wait-slave,pty-interval=0.02`;
    const socat = spawn('socat', [terminal, 'STDIO'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#socat = socat;
    socat.stdin.on('error', () => undefined); // The host has closed the port, which `close` tells as well.
    this.#modem.connect((text) => void socat.stdin.write(text, 'latin1'));
    socat.stdout.setEncoding('latin1').on('data', (text: string) => this.#modem.hear(text));
    socat.once('close', () => {
      this.#modem.disconnect();
      this.#socat = undefined;
      if (this.#isPlugged) this.#connect();
    });
  }
}
