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
  /** Whole seconds after which it is worth asking again. */
  readonly retryAfter: number | undefined;

  constructor(status: number, word: ApiErrorWord, message: string, facts: Readonly<ProblemFacts> = {}) {
    super(message);
    this.status = status;
    this.word = word;
    this.field = facts.field;
    this.position = facts.position;
    this.retryAfter = facts.retryAfter;
  }
}

/** What else there is to say of a problem. */
interface ProblemFacts {
  readonly field?: string | undefined;
  readonly position?: number | undefined;
  readonly retryAfter?: number | undefined;
}

/** A request that is answered with 400, naming the field at fault. */
export function badRequest(field: string, reason: string, position?: number): RequestProblem {
  return new RequestProblem(400, 'bad-request', `${field}: ${reason}`, { field, position });
}
