const dunlinErrorMark = Symbol.for('dunlin.error');

/**
 * The base of every error that Dunlin's packages throw or reject with. Recognise it with
 * `DunlinError.is`, which also holds when two copies of a package are installed.
 */
export abstract class DunlinError extends Error {
  /** A stable word that programs may compare, such as `no-answer`. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    Object.defineProperty(this, dunlinErrorMark, { value: true });
  }

  /** True for an error of any Dunlin package. */
  static is(error: unknown): error is DunlinError {
    return typeof error === 'object' && error !== null && dunlinErrorMark in error;
  }
}

/** Why no answer came: `no-answer` (nothing came back in time), `reset` (the peer rejected the message),
 * `not-sent` (the message never left), `closed` (the endpoint was closed), `superseded` (a newer
 * registration or request replaced this one), `expired` (a deadline of the caller passed),
 * `overloaded` (a queue was full). */
export type TransmissionErrorCode =
  | 'no-answer'
  | 'reset'
  | 'not-sent'
  | 'closed'
  | 'superseded'
  | 'expired'
  | 'overloaded';

/** There was no usable answer from the peer. */
export class TransmissionError extends DunlinError {
  readonly code: TransmissionErrorCode;

  constructor(code: TransmissionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The peer broke a rule of a protocol; the message cites the rule. */
export class ProtocolError extends DunlinError {
  readonly code = 'protocol-violation';
}

/** The caller asked for something that cannot be asked for; a mistake in the calling program. */
export class UsageError extends DunlinError {
  readonly code = 'usage';
}

/** A store could not keep or give back what it was asked to. */
export class StorageError extends DunlinError {
  readonly code = 'storage';
}

/** Authentication or authorisation failed. */
export class SecurityError extends DunlinError {
  readonly code = 'security';
}
