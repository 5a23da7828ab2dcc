import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { FirmwareDownload } from '@dunlin/server';

import { type ByteRange, byteRangeOf } from './byte-range.ts';
import type { ManagedFirmware } from './managed-server.ts';

/** What is answered to a request for an image. */
export interface DownloadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The part of the image that is the body; absent when there is none. */
  readonly part?: ByteRange;
}

/** How much is read at once, and so in memory for each download. */
const pieceLength = 65_536;

/**
 * Answers a request for the image behind a token, which nobody guesses. Resolves when it is answered, or the one who
 * asked is gone; rejects when the image cannot be read.
 */
export async function answerDownload(
  { method = 'GET', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  response: ServerResponse,
  firmware: Pick<ManagedFirmware, 'download'>,
  token: string,
): Promise<void> {
  const answer = downloadAnswer(method, headers, firmware.download(token));
  response.writeHead(answer.status, { 'x-content-type-options': 'nosniff', ...answer.headers });
  const { part } = answer;
  if (part === undefined) {
    response.end();
    return;
  }
  const pieces = piecesOf(() => firmware.download(token), part);
  try {
    await pipeline(Readable.from(pieces, { objectMode: false, highWaterMark: 1 }), response);
  } catch (error) {
    // A device that goes away comes back and asks for the rest.
    if (!isDisconnection(error)) throw error;
  }
}

/** What a request is answered with: all that RFC 9110 §13 and §14 say of a representation that never changes. */
export function downloadAnswer(
  method: string,
  headers: IncomingHttpHeaders,
  download: Pick<FirmwareDownload, 'image'> | undefined,
): DownloadAnswer {
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, headers: { allow: 'GET, HEAD', 'content-length': '0' } };
  if (download === undefined) return { status: 404, headers: { 'content-length': '0' } };
  const { id, size } = download.image;
  const etag = `"${id}"`;
  const common = { etag, 'accept-ranges': 'bytes', 'cache-control': 'private' };
  if (matches(headers['if-none-match'], etag)) return { status: 304, headers: common };
  if (headers['if-match'] !== undefined && !matches(headers['if-match'], etag))
    return { status: 412, headers: { ...common, 'content-length': '0' } };
  const ifRange = headers['if-range'];
  const isSame = ifRange === undefined || ifRange === etag;
  const range = method === 'GET' && isSame ? byteRangeOf(headers.range, size) : undefined;
  if (range === 'unsatisfiable') {
    return {
      status: 416,
      headers: { ...common, 'content-range': `bytes */${size}`, 'content-length': '0' },
    };
  }
  const { begin, end } = range ?? { begin: 0, end: size };
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...common,
      'content-type': 'application/octet-stream',
      'content-length': String(end - begin),
      ...(range === undefined ? {} : { 'content-range': `bytes ${begin}-${end - 1}/${size}` }),
    },
    ...(method === 'HEAD' ? {} : { part: { begin, end } }),
  };
}

/** An image is fetched only as long as its device is to fetch it. */
async function* piecesOf(
  find: () => FirmwareDownload | undefined,
  { begin, end }: ByteRange,
): AsyncGenerator<Uint8Array, void, void> {
  for (let offset = begin; offset < end;) {
    const bytes = await find()?.read(offset, Math.min(pieceLength, end - offset));
    if (bytes === undefined || bytes.length === 0) throw new DownloadEnded();
    yield bytes;
    offset += bytes.length;
  }
}

/** The update was cancelled, or went on without the rest. */
class DownloadEnded extends Error {}

function isDisconnection(error: unknown): boolean {
  if (error instanceof DownloadEnded) return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}

function matches(list: string | undefined, etag: string): boolean {
  if (list === undefined) return false;
  return list.trim() === '*' || list.split(',').some((each) => each.trim().replace(/^W\//, '') === etag);
}
