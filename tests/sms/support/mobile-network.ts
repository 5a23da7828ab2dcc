import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { skipWithout } from '../../support/peer-program.ts';
import { Program, run } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import {
  centreConfiguration,
  registerConfiguration,
  type SmppAccount,
  type Subscriber,
} from './osmocom-configuration.ts';
import { vty } from './vty.ts';

/** For the `skip` option of tests with a mobile network. */
export const skipWithoutNetwork: string | false = skipWithout(
  'osmo-hlr',
  'osmo-msc',
  'gcc',
  '/usr/include/stdio.h',
);

const registerVty = 4258;
const centreVty = 4254;
const smppPort = 2775;
const sgsPort = 29_118;

/** What is in a network. */
export interface MobileNetworkOptions {
  readonly subscribers: readonly Subscriber[];
  /** By default one, `lwm2m` with the password `s3cret` and the number 10690. */
  readonly accounts?: readonly SmppAccount[];
}

/** The account when nothing else is said. */
const defaultAccount: SmppAccount = { systemId: 'lwm2m', password: 's3cret', number: '10690' };

/**
 * A mobile network without radio, on a loopback address of its own: osmo-hlr with the subscribers and osmo-msc with the
 * message centre, both as Osmocom made them. Phones attach to it by SGs (`UserEquipment`), servers by SMPP.
 */
export class MobileNetwork implements AsyncDisposable {
  readonly address: string;
  readonly smpp: { readonly host: string; readonly port: number };
  readonly sgs: { readonly host: string; readonly port: number };
  readonly #folder: string;
  #register: Program | undefined;
  #centre: Program | undefined;
  #trying: NodeJS.Timeout | undefined;

  static async start(options: MobileNetworkOptions): Promise<MobileNetwork> {
    const network = new MobileNetwork(await freeAddress());
    try {
      await network.#start(options);
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
    return network;
  }

  private constructor(address: string) {
    this.address = address;
    this.smpp = { host: address, port: smppPort };
    this.sgs = { host: address, port: sgsPort };
    this.#folder = mkdtempSync(join(tmpdir(), 'dunlin-network-'));
  }

  /** What the message centre has logged since it was started. */
  get log(): string {
    return this.#centre?.stderr ?? '';
  }

  /** Stops the message centre, as a loss of power does; what it has stored is on its disk. */
  async stopCentre(): Promise<void> {
    clearInterval(this.#trying);
    this.#trying = undefined;
    await this.#centre?.[Symbol.asyncDispose]();
    this.#centre = undefined;
  }

  async startCentre(): Promise<void> {
    const centre = new Program(['osmo-msc', '-c', 'msc.cfg'], {
      cwd: this.#folder,
      env: { LD_PRELOAD: join(this.#folder, 'sctp-over-tcp.so') },
    });
    this.#centre = centre;
    await reachable(this.address, smppPort, centre);
    await centre.waitFor(/connection done/);
  }

  /**
   * Has the message centre try what it has stored, now and every second until it stops: a phone that attaches by SGs does
   * not make it do so, and a message whose last try has not failed yet is passed over.
   */
  async triggerQueue(): Promise<void> {
    const trigger = (): Promise<unknown> => this.ask('sms-queue trigger');
    await trigger();
    // The centre may be stopped while it is asked; whoever waits for a message says what is wrong then.
    this.#trying ??= setInterval(() => void trigger().catch(() => undefined), 1000);
  }

  /** Asks the message centre something at its command line. */
  ask(...lines: readonly string[]): Promise<string> {
    return vty(this.address, centreVty, ['enable', ...lines]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopCentre();
    await this.#register?.[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start({ subscribers, accounts = [defaultAccount] }: MobileNetworkOptions): Promise<void> {
    const write = (name: string, text: string): void => writeFileSync(join(this.#folder, name), text);
    write('hlr.cfg', registerConfiguration(this.address, 'hlr.db'));
    write('msc.cfg', centreConfiguration(this.address, 'sms.db', accounts));
    await this.#command('osmo-hlr-db-tool', '-l', 'hlr.db', 'create');
    const source = fileURLToPath(new URL('sctp-over-tcp.c', import.meta.url));
    await this.#command('gcc', '-O2', '-Wall', '-shared', '-fPIC', '-o', 'sctp-over-tcp.so', source);
    this.#register = new Program(['osmo-hlr', '-c', 'hlr.cfg'], { cwd: this.#folder });
    await reachable(this.address, registerVty, this.#register);
    const lines = subscribers.flatMap(({ imsi, number }) => [
      `subscriber imsi ${imsi} create`,
      `subscriber imsi ${imsi} update msisdn ${number}`,
    ]);
    await vty(this.address, registerVty, ['enable', ...lines]);
    await this.startCentre();
  }

  async #command(...command: readonly string[]): Promise<void> {
    const { exitCode, stderr } = await run(command, { cwd: this.#folder });
    if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with ${exitCode}: ${stderr}`);
  }
}

/** Waits until the program listens at the port. */
async function reachable(host: string, port: number, program: Program): Promise<void> {
  let isReached = false;
  const attempt = setInterval(() => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      isReached = true;
      socket.destroy();
    });
    socket.once('error', () => undefined);
  }, 50);
  try {
    await until(
      () => isReached,
      () => `somebody at ${host}:${port}\n${program.stderr}`,
    );
  } finally {
    clearInterval(attempt);
  }
}

/** An address of the loopback network at which nobody else has a network: all of 127.0.0.0/8 is there. */
async function freeAddress(): Promise<string> {
  for (;;) {
    const address = `127.${randomInt(16, 250)}.${randomInt(1, 250)}.1`;
    const server = createServer();
    try {
      const listening = once(server, 'listening');
      server.listen(sgsPort, address);
      await listening;
      return address;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    } finally {
      server.close();
    }
  }
}
