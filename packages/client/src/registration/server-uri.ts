import { UsageError } from '@dunlin/base';
import { type CoapUri, type CoapUriFailure, parseCoapUri } from '@dunlin/coap';

/** A Server URI, taken apart; path and query go before those of Register. Of short messages `host` is the number. */
export interface ServerUri extends CoapUri {
  readonly transport: 'udp' | 'sms';
}

/** Which kinds of Servers a client can reach. */
export interface ReachableSchemes {
  readonly coap: boolean;
  readonly coaps: boolean;
  /** By short messages, with DTLS or without. */
  readonly sms: boolean;
}

/** Takes a `coap` or `coaps` URI apart. Throws `UsageError` on anything else; for telephone numbers see `SmsChannel`. */
export function parseServerUri(text: string): ServerUri {
  const uri = parseCoapUri(text);
  if (uri.kind === 'failure') throw new UsageError(messages[uri.problem](text));
  return {
    ...uri,
    transport: 'udp',
    path: uri.path.filter(isSomething),
    query: uri.query.filter(isSomething),
  };
}

/** Slashes and ampersands too many stand for nothing before `rd`. */
function isSomething(part: string): boolean {
  return part !== '';
}

const otherForm = (text: string): string =>
  `A Server URI is of the form coap://host[:port] or coaps://host[:port], not '${text}'.`;

const messages: Readonly<Record<CoapUriFailure['problem'], (text: string) => string>> = {
  'no-uri': otherForm,
  'other-scheme': otherForm,
  'fragment-or-user': (text) => `A Server URI has neither a fragment nor a user: '${text}'.`,
  'percent-encoding': (text) =>
    `A Server URI has a percent sign only before two hexadecimal digits: '${text}'.`,
};
