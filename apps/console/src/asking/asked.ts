import type { OperationDocument, QueueableOperation } from '@dunlin/api';

/** What can be asked of a device here. */
export type AskedOperation = QueueableOperation | 'observe' | 'cancel-observation';

/** Where something that was asked stands. */
export type AskedState =
  | { readonly kind: 'asked' }
  | { readonly kind: 'queued'; readonly id: number }
  | { readonly kind: 'sent'; readonly id: number }
  /** With the response code of success. */
  | { readonly kind: 'done'; readonly coapCode: string }
  /** It holds for the registrations to come; the device cannot be reached now. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed'; readonly reason: string };

/** The codes of success (1.0 §8.2.6): the interface tells a success without its code, which follows from the operation. */
const successCodes: Readonly<Record<AskedOperation, string>> = {
  read: '2.05 Content',
  discover: '2.05 Content',
  observe: '2.05 Content',
  'cancel-observation': '2.05 Content',
  'write-replace': '2.04 Changed',
  'write-update': '2.04 Changed',
  'write-attributes': '2.04 Changed',
  execute: '2.04 Changed',
  create: '2.01 Created',
  delete: '2.02 Deleted',
};

/** That an operation succeeded. */
export function succeeded(operation: AskedOperation): AskedState {
  return { kind: 'done', coapCode: successCodes[operation] };
}

/** Where a queued operation stands. */
export function stateOfQueued({ id, operation, state, error }: OperationDocument): AskedState {
  switch (state) {
    case 'waiting':
      return { kind: 'queued', id };
    case 'sent':
      return { kind: 'sent', id };
    case 'done':
      return succeeded(operation);
    case 'failed':
    case 'expired':
    case 'cancelled':
      return { kind: 'failed', reason: error?.message ?? state };
  }
}
