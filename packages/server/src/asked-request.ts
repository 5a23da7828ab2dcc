import type { ResourceDefinition } from '@dunlin/lwm2m';

import type { OperationRequest } from './device-store/operation-request.ts';

/** A request of a caller. */
export interface AskedRequest {
  readonly request: OperationRequest;
  /** By which the content is read, when the caller asked by a typed reference. */
  readonly resource?: ResourceDefinition | undefined;
}
