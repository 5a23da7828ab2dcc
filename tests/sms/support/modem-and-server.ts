import assert from 'node:assert/strict';

import { milliseconds, Secret, utf8Encode } from '@dunlin/base';
import { type CarrierShell, modem, type ModemOptions, smpp, type SmppCarrier } from '@dunlin/node';
import type { OutgoingShortMessage, RunningCarrier } from '@dunlin/sms';

import { skipWithout } from '../../support/peer-program.ts';
import { CarrierLog } from './carrier-log.ts';
import { MobileNetwork, skipWithoutNetwork } from './mobile-network.ts';
import type { Subscriber } from './osmocom-configuration.ts';
import { type ModemTraits, PluggedModem } from './plugged-modem.ts';
import type { SerialLine } from './virtual-modem/serial-line.ts';
import type { VirtualModem } from './virtual-modem/virtual-modem.ts';

/** For the `skip` option of tests with a network and a modem. */
export const skipWithoutModem: string | false = skipWithoutNetwork || skipWithout('socat');

/** The device's number, and the server's. */
export const deviceNumber = '491700000001';
export const serverNumber = '10690';

const subscribers: readonly Subscriber[] = [
  { imsi: '001010000000001', number: deviceNumber },
  { imsi: '001010000000002', number: '491700000002' },
];

/** Devices' ends on modems, and a server's end on SMPP, with a network between. */
export class ModemAndServer implements AsyncDisposable {
  readonly network: MobileNetwork;
  /** The first modem. */
  readonly modem: VirtualModem;
  readonly line: SerialLine;
  readonly #resources: AsyncDisposableStack;

  static async start(traits: ModemTraits = {}): Promise<ModemAndServer> {
    await using resources = new AsyncDisposableStack();
    const network = resources.use(await MobileNetwork.start({ subscribers }));
    const [first] = subscribers;
    assert.ok(first !== undefined);
    const plugged = resources.use(await PluggedModem.plug(network, first, traits));
    return new ModemAndServer(network, plugged, resources.move());
  }

  private constructor(network: MobileNetwork, plugged: PluggedModem, resources: AsyncDisposableStack) {
    this.network = network;
    this.modem = plugged.modem;
    this.line = plugged.line;
    this.#resources = resources;
  }

  /** A second modem, with a number of its own. */
  async another(traits: ModemTraits = {}): Promise<PluggedModem> {
    const [, second] = subscribers;
    assert.ok(second !== undefined);
    return this.#resources.use(await PluggedModem.plug(this.network, second, traits));
  }

  /** The carrier of a device at the first modem, or at another one, which is up. */
  device(options: Partial<ModemOptions> = {}): Promise<{ carrier: RunningCarrier; log: CarrierLog }> {
    return this.#up(this.deviceCarrier(options));
  }

  /** The server's carrier, which is up. */
  server(): Promise<{ carrier: RunningCarrier; log: CarrierLog }> {
    return this.#up(this.serverCarrier());
  }

  /** The same for a binding, which starts it itself. */
  deviceCarrier(options: Partial<ModemOptions> = {}): CarrierShell {
    return modem({ path: this.line.path, ...options });
  }

  serverCarrier(): SmppCarrier {
    const { host, port } = this.network.smpp;
    const password = new Secret(utf8Encode('s3cret'));
    const source = { typeOfNumber: 0, numberingPlan: 1, digits: serverNumber };
    const limits = { transactionsPerSecond: 20 };
    return smpp({ url: `smpp://${host}:${port}`, systemId: 'lwm2m', password, source, limits });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }

  async #up(carrier: RunningCarrier): Promise<{ carrier: RunningCarrier; log: CarrierLog }> {
    this.#resources.use(carrier);
    const log = new CarrierLog(carrier);
    carrier.start();
    await log.next('up');
    return { carrier, log };
  }
}

let nextId = 1;

/** A message to send, with an id of its own. */
export function shortMessage(
  to: string,
  userData: Uint8Array,
  changes: Partial<OutgoingShortMessage> = {},
): OutgoingShortMessage {
  const id = nextId;
  nextId += 1;
  const validity = milliseconds(300_000);
  return { id, to, userData, hasHeader: false, validity, wantsReceipt: false, ...changes };
}
