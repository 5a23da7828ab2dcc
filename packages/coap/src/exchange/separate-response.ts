import { Transmission } from '../message-layer/transmission.ts';

/** A confirmable response that follows an empty acknowledgement, or the last notification of a relation (RFC 7252 §5.2.2). */
export class SeparateResponse extends Transmission {
  readonly kind = 'separate-response';
}
