import { DunlinError } from '@dunlin/base';

import type { ApiErrorWord, ErrorDocument } from './error-document.ts';
import type { OperationDocument } from './operation-document.ts';

/** The server answered a request with an error. */
export class ApiError extends DunlinError {
  readonly code: ApiErrorWord;
  /** The HTTP status. */
  readonly status: number;
  /** The part of the request at fault. */
  readonly field: string | undefined;
  /** The response code of the device, when it was the device that refused: `4.05`. */
  readonly coapCode: string | undefined;
  /** The name of that code. */
  readonly coapMeaning: string | undefined;
  readonly document: ErrorDocument;

  constructor(status: number, document: ErrorDocument) {
    super(document.message);
    this.code = document.error;
    this.status = status;
    this.field = document.field;
    this.coapCode = document.coapCode;
    this.coapMeaning = document.coapMeaning;
    this.document = document;
  }
}

/** Nothing answered at the server's address, or the connection broke; `cause` says how. */
export class ApiUnreachableError extends DunlinError {
  readonly code = 'server-unreachable';
}

/** What was asked of a device waits, because the device sleeps; `operation` says under which id, and until when. */
export class OperationQueuedError extends DunlinError {
  readonly code = 'queued';
  readonly operation: OperationDocument;

  constructor(operation: OperationDocument) {
    super(
      `${operation.endpoint} sleeps: queued as operation ${operation.id}, which expires at ${operation.expiresAt}`,
    );
    this.operation = operation;
  }
}
