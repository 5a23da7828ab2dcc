import type { ApiErrorWord } from '@dunlin/api';
import { DunlinError } from '@dunlin/base';

/** A request that is answered with an error of the interface itself, before any device is asked. */
export class RequestProblem extends DunlinError {
  readonly code = 'request-problem';
  readonly status: number;
  readonly word: ApiErrorWord;
  /** The part of the request at fault. */
  readonly field: string | undefined;
  /** The character of that part, from 1. */
  readonly position: number | undefined;

  constructor(status: number, word: ApiErrorWord, message: string, field?: string, position?: number) {
    super(message);
    this.status = status;
    this.word = word;
    this.field = field;
    this.position = position;
  }
}

/** A request that is answered with 400, naming the field at fault. */
export function badRequest(field: string, reason: string, position?: number): RequestProblem {
  return new RequestProblem(400, 'bad-request', `${field}: ${reason}`, field, position);
}
