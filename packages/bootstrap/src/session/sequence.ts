import { formatCode, type IncomingResponse } from '@dunlin/coap';
import type { OutgoingBootstrapOperation } from '@dunlin/lwm2m';

/** How a device answered an operation. That it did not answer at all ends a sequence from outside. */
export type OperationAnswer =
  | { readonly kind: 'success'; readonly response: IncomingResponse }
  | {
      readonly kind: 'refused';
      readonly code: number;
      /** The text that the device sent with it, '' when there was none. */
      readonly diagnostic: string;
    };

/** Why a sequence cannot go on. */
export interface SequenceFailure {
  readonly kind: 'failure';
  /** A sentence about the device, without its name and a full stop. */
  readonly reason: string;
}

/**
 * Operations one after the other, each decided by the answers to those before: it yields what is asked next, is
 * resumed with the answer, and ends with its result or with why there is none.
 */
export type Sequence<Result> = Generator<
  OutgoingBootstrapOperation,
  Result | SequenceFailure,
  OperationAnswer
>;

export function sequenceFailure(reason: string): SequenceFailure {
  return { kind: 'failure', reason };
}

export function isSequenceFailure(result: unknown): result is SequenceFailure {
  return typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'failure';
}

/** Like `4.00: no such thing`. */
export function refusalText({ code, diagnostic }: Extract<OperationAnswer, { kind: 'refused' }>): string {
  return diagnostic === '' ? formatCode(code) : `${formatCode(code)}: ${diagnostic}`;
}
