import type { MobileNetwork } from './mobile-network.ts';
import type { Subscriber } from './osmocom-configuration.ts';
import { SerialLine } from './virtual-modem/serial-line.ts';
import { VirtualModem, type VirtualModemOptions } from './virtual-modem/virtual-modem.ts';

/** How a modem differs from the usual one. */
export type ModemTraits = Partial<Omit<VirtualModemOptions, 'sgs' | 'imsi'>>;

/** A virtual modem that is attached to a network and plugged into a serial port. */
export class PluggedModem implements AsyncDisposable {
  readonly number: string;
  readonly modem: VirtualModem;
  readonly line: SerialLine;

  static async plug(
    network: MobileNetwork,
    subscriber: Subscriber,
    traits: ModemTraits = {},
  ): Promise<PluggedModem> {
    const modem = new VirtualModem({ sgs: network.sgs, imsi: subscriber.imsi, ...traits });
    await modem.phone.attach();
    return new PluggedModem(subscriber.number, modem, await SerialLine.plug(modem));
  }

  private constructor(number: string, modem: VirtualModem, line: SerialLine) {
    this.number = number;
    this.modem = modem;
    this.line = line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.line[Symbol.asyncDispose]();
    await this.modem[Symbol.asyncDispose]();
  }
}
