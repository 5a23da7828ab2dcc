import type { CarrierEvent, StreamCommand } from '../../carrier.ts';
import { encodePdu } from '../encode-pdu.ts';
import type { Pdu } from '../pdu.ts';

/** A submission as far as its bytes go: they are written once the shell has taken them. */
export interface Writable {
  isWritten: boolean;
}

interface Waiting {
  readonly output: CarrierEvent | StreamCommand;
  readonly writable: Writable | undefined;
}

/** What waits for the shell, in order. Knows of every submission whether its bytes ever left. */
export class SessionOutputs {
  #waiting: Waiting[] = [];

  tell(event: CarrierEvent): void {
    this.#waiting.push({ output: event, writable: undefined });
  }

  command(command: StreamCommand): void {
    this.#waiting.push({ output: command, writable: undefined });
  }

  /** Writes a command; `writable` is marked when the shell takes it. */
  write(pdu: Pdu, writable?: Writable): void {
    this.#waiting.push({ output: { kind: 'write', bytes: encodePdu(pdu) }, writable });
  }

  /** Takes back the submissions that the shell has not taken. */
  dropSubmissions(): void {
    this.#waiting = this.#waiting.filter(({ writable }) => writable === undefined);
  }

  /** The stream is gone: nothing can be written to it, and it need not be closed. */
  dropCommands(): void {
    this.#waiting = this.#waiting.filter(({ output }) => output.kind !== 'write' && output.kind !== 'close');
  }

  poll(): CarrierEvent | StreamCommand | undefined {
    const next = this.#waiting.shift();
    if (next?.writable !== undefined) next.writable.isWritten = true;
    return next?.output;
  }
}
