import type { TracePayload } from '@dunlin/api';
import { ContentFormat, isResponseCode, type Message, OptionNumber } from '@dunlin/coap';

import type { TraceRequest } from './trace-record.ts';

/** Objects whose Resources are keys: Security (1.0 Appendix E.1) and, from 1.1 on, OSCORE. */
const secretObjects = new Set(['0', '21']);

/**
 * Why the payload of a message must not be shown, or `undefined` when it may be. Keys travel in what is written to, or read
 * from, Objects of keys; and nobody can know what is in the answer to a request that was not seen.
 */
export function withheldPayload(
  message: Message,
  request: TraceRequest | undefined,
): TracePayload['withheld'] {
  if (message.payloadLength === 0) return undefined;
  // Links name what there is and never hold a value, those of a Bootstrap-Discover included.
  if (message.options.uint(OptionNumber.contentFormat) === ContentFormat.linkFormat) return undefined;
  if (request === undefined) return isSuccessWithContent(message) ? 'unknown-request' : undefined;
  const { segments } = request;
  const isForServer = segments[0] === 'rd' || segments[0] === 'bs';
  if (isForServer) return undefined;
  // The root of the LwM2M paths may be anywhere: the first id of a path is that of the Object.
  const objectId = segments.find((segment) => /^\d+$/.test(segment));
  const isWholeDevice = segments.length === 0;
  return (objectId !== undefined && secretObjects.has(objectId)) || isWholeDevice
    ? 'security-material'
    : undefined;
}

function isSuccessWithContent({ code }: Message): boolean {
  return isResponseCode(code) && code >> 5 === 2;
}
