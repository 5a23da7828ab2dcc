import { utf8Decode } from '@dunlin/base';

import type { IncomingResponse } from './request.ts';

/** Longer texts are cut: they are for people. */
const maxLength = 500;

/** The diagnostic payload of an error response (RFC 7252 §5.5.2), '' when there is none that can be read. */
export function diagnosticText({ payload, contentFormat }: IncomingResponse): string {
  if (contentFormat !== undefined && contentFormat !== 0) return '';
  const text = utf8Decode(payload) ?? '';
  return text.slice(0, maxLength).replaceAll(/\p{Cc}/gu, ' ');
}
