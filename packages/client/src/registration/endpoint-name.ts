import { UsageError, utf8Encode } from '@dunlin/base';

/** Throws `UsageError` on an endpoint name that does not fit one Uri-Query option with its `ep=` (RFC 7252 §5.10). */
export function checkEndpointName(endpointName: string): void {
  if (endpointName === '') throw new UsageError('An endpoint name is not empty.');
  if (utf8Encode(`ep=${endpointName}`).length > 255) {
    throw new UsageError('An endpoint name has 252 bytes at most: it travels in one Uri-Query option.');
  }
}
