import { AtModem, type AtModemOptions } from '@dunlin/sms';

import { CarrierShell, type CarrierShellLimits } from './carrier-shell.ts';
import { serialPort, type SerialPortOptions } from './serial-port.ts';

/** A modem at a serial port, and how to use it. */
export interface ModemOptions extends AtModemOptions, SerialPortOptions {
  /** Limits of the port. */
  readonly shellLimits?: Readonly<Partial<CarrierShellLimits>>;
}

/**
 * Short messages over a modem that understands AT commands (3GPP TS 27.005, PDU mode). Idle until `start`. Throws a
 * `UsageError` for a PIN that is none; whether there is a modem is an event.
 */
export function modem(options: Readonly<ModemOptions>): CarrierShell {
  const { path, baudRate, shellLimits = {}, ...atOptions } = options;
  const port = serialPort(baudRate === undefined ? { path } : { path, baudRate });
  return new CarrierShell(new AtModem(atOptions), port, shellLimits);
}
