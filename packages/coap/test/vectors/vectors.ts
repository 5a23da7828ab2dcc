import malformed from './malformed.json' with { type: 'json' };
import messages from './messages.json' with { type: 'json' };

/** A good message and what it says. Options are `[name, value]`; opaque values in hexadecimal, blocks as NUM/M/size. */
export interface MessageVector {
  readonly id: string;
  readonly title: string;
  readonly hex: string;
  readonly message: {
    readonly type: string;
    readonly code: string;
    readonly messageId: number;
    readonly token: string;
    readonly options: readonly (readonly (string | number)[])[];
    readonly payload: string;
  };
}

/** A bad message: what the decoder says, and what an endpoint does (any one of `reactions`). */
export interface MalformedVector {
  readonly id: string;
  readonly title: string;
  readonly hex: string;
  readonly decoding: {
    /** No message: the reason and the action of `Malformed`. */
    readonly malformed?: string;
    readonly action?: string;
    /** A request that is refused with this code while its options are read. */
    readonly refused?: string;
    /** A request whose block is answered with this code. */
    readonly upload?: string;
    /** A request like any other. */
    readonly request?: boolean;
    /** A well-formed message that is no request. */
    readonly message?: boolean;
  };
  /** `silence`, `reset` (same id, 4 bytes), `answer` (of the application), or a code such as `4.02`. */
  readonly reactions: readonly string[];
}

export const messageVectors: readonly MessageVector[] = messages;
export const malformedVectors: readonly MalformedVector[] = malformed;
