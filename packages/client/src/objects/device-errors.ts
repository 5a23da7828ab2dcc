import { type Signal, SignalSource } from '@dunlin/base';

/** The codes of `/3/0/11` (1.0 E.4). */
export const DeviceErrorCode = {
  none: 0,
  lowBattery: 1,
  externalSupplyOff: 2,
  gpsFailure: 3,
  lowSignal: 4,
  outOfMemory: 5,
  smsFailure: 6,
  ipFailure: 7,
  peripheralMalfunction: 8,
} as const;
export type DeviceErrorCode = (typeof DeviceErrorCode)[keyof typeof DeviceErrorCode];

/**
 * The errors of a device, as the Error Code Resource shows them: instance 0 with the value 0 while there is
 * none; the first error takes its place, each further one has an instance of its own (R-1032).
 */
export class DeviceErrors {
  readonly #isPresent: (code: DeviceErrorCode) => boolean;
  readonly #codes = new Map<number, DeviceErrorCode>();
  readonly #changed = new SignalSource<void>();

  /** `isPresent` says, when a Server resets the error codes, which of them are to be reported again (R-1033); default none. */
  constructor(isPresent: (code: DeviceErrorCode) => boolean = () => false) {
    this.#isPresent = isPresent;
  }

  /** Fires when the Error Code Resource shows something else. */
  get changed(): Signal<void> {
    return this.#changed;
  }

  /** What `/3/0/11` shows: codes by Resource Instance id. */
  get codes(): ReadonlyMap<number, number> {
    return this.#codes.size === 0 ? new Map([[0, DeviceErrorCode.none]]) : new Map(this.#codes);
  }

  /** An error occurred; harmless when it is shown already. */
  report(code: DeviceErrorCode): void {
    if (code === DeviceErrorCode.none || [...this.#codes.values()].includes(code)) return;
    let id = 0;
    while (this.#codes.has(id)) id += 1;
    this.#codes.set(id, code);
    this.#changed.emit();
  }

  /** An error is gone. */
  clear(code: DeviceErrorCode): void {
    for (const [id, shown] of this.#codes) {
      if (shown !== code) continue;
      this.#codes.delete(id);
      this.#changed.emit();
    }
  }

  /** What Execute of Reset Error Code does: forgets all, then shows again what is still present (R-1033). */
  reset(): void {
    const present = [...this.#codes.values()].filter((code) => this.#isPresent(code));
    this.#codes.clear();
    for (const [id, code] of present.entries()) this.#codes.set(id, code);
    this.#changed.emit();
  }
}
