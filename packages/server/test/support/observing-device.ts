import { type IncomingRequest, Method, type Response, ResponseCode } from '@dunlin/coap';

import { contentResponse, single } from './test-server.ts';

/** What a device answers that lets itself be observed and takes attributes. */
export function observable({ method, uriPath }: IncomingRequest): Response {
  return method === Method.get
    ? contentResponse(`/${uriPath.join('/')}`, single('float', 21.5))
    : { code: ResponseCode.changed };
}

/** One line for each request: `observe /3303/0/5700`, `attributes /3303/0/5700 pmin=5`, or the method and path. */
export function lineOf({ method, uriPath, uriQuery, observe }: IncomingRequest): string {
  const path = `/${uriPath.join('/')}`;
  if (observe === 'register') return `observe ${path}`;
  if (observe === 'deregister') return `cancel ${path}`;
  if (method === Method.put && uriQuery.length > 0) return `attributes ${path} ${uriQuery.join('&')}`;
  return `${method === Method.get ? 'read' : 'other'} ${path}`;
}
