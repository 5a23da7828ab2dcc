import { hexEncode } from '@dunlin/base';

import type { Request } from '../request.ts';
import type { TransferOptions } from '../transfer-options.ts';

/**
 * What tells the downloads of one peer apart: what the request asks for, its Request-Tag included; not the
 * Content-Format, which describes a payload that requests for further blocks may leave out, nor token or
 * payload (RFC 7959 §2.6, §2.7, RFC 9175 §3; CR-9.4, CR-9.11).
 */
export function downloadKey(request: Request, transfer: TransferOptions): string {
  const tag = transfer.requestTag === undefined ? '' : hexEncode(transfer.requestTag);
  return JSON.stringify([request.method, request.uriPath, request.uriQuery ?? [], request.accept ?? '', tag]);
}
