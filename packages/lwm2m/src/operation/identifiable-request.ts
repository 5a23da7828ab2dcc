import type { IncomingRequest } from '@dunlin/coap';

/** What of an incoming request decides which operation it is. */
export type IdentifiableRequest = Pick<
  IncomingRequest,
  'method' | 'uriPath' | 'uriQuery' | 'contentFormat' | 'accept' | 'observe' | 'payload' | 'isBlockwise'
>;
