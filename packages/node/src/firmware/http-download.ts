import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ConnectionOptions } from 'node:tls';

import { type FirmwareDownload, type FirmwareDownloadRequest, FirmwareError } from '@dunlin/client';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';

import { downloadFailure, invalid, lost } from './download-failure.ts';
import type { FirmwareDownloadLimits } from './firmware-download-limits.ts';

/** How servers over TLS are known, and the device to them; default: the authorities that Node.js trusts. */
export type TlsTrust = Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>;

/** How a download over HTTP goes about it. */
export interface HttpDownloadOptions {
  readonly limits: FirmwareDownloadLimits;
  readonly tls: TlsTrust;
  /** Whether a redirection may lead to a URL. */
  readonly mayFollow: (url: URL) => boolean;
}

/**
 * Opens a download over HTTP 1.1, with or without TLS. It goes on where it was cut by Range and If-Range (RFC 9110 §13.1.5,
 * §14.2), and follows redirections, though never from `https` to `http`.
 */
export async function openHttpDownload(
  request: FirmwareDownloadRequest,
  options: HttpDownloadOptions,
): Promise<FirmwareDownload> {
  try {
    const message = await follow(new URL(request.uri), request, options);
    return downloadOf(message, request, options.limits);
  } catch (error) {
    request.signal.throwIfAborted();
    throw downloadFailure(error);
  }
}

async function follow(
  start: URL,
  request: FirmwareDownloadRequest,
  options: HttpDownloadOptions,
): Promise<IncomingMessage> {
  let url = start;
  for (let redirects = 0; redirects <= options.limits.maxRedirects; redirects += 1) {
    const message = await ask(url, request, options);
    const { statusCode = 0, headers } = message;
    const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
    if (!isRedirect) return message;
    message.destroy();
    url = redirected(url, headers.location ?? '', options);
  }
  throw invalid(`It leads to more than ${options.limits.maxRedirects} redirections.`);
}

function redirected(from: URL, location: string, { mayFollow }: HttpDownloadOptions): URL {
  const to = URL.parse(location, from.href);
  const isDowngrade = from.protocol === 'https:' && to?.protocol !== 'https:';
  if (to === null || isDowngrade || !mayFollow(to))
    throw invalid('It leads to where the device does not go.');
  return to;
}

function ask(
  url: URL,
  { offset, validator, signal }: FirmwareDownloadRequest,
  { limits, tls }: HttpDownloadOptions,
): Promise<IncomingMessage> {
  const isPartial = offset > 0 && validator !== undefined;
  const headers = {
    accept: '*/*',
    'accept-encoding': 'identity',
    ...(isPartial && { range: `bytes=${offset}-`, 'if-range': validator }),
  };
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = send(url, { agent: false, headers, signal, ...tls }, resolve);
  const timer = setTimeout(
    () => outgoing.destroy(lost(`There was no answer within ${limits.answerTimeout / 1000} s.`)),
    limits.answerTimeout,
  );
  outgoing.once('response', () => clearTimeout(timer));
  outgoing.once('close', () => clearTimeout(timer));
  outgoing.on('error', reject);
  outgoing.end();
  return promise;
}

function downloadOf(
  message: IncomingMessage,
  request: FirmwareDownloadRequest,
  { idleTimeout }: FirmwareDownloadLimits,
): FirmwareDownload {
  // What happens before the chunks are asked for is thrown when they are.
  message.on('error', () => undefined);
  try {
    const { offset, length, size } = placeOf(message, request.offset);
    const download = { offset, size, validator: validatorOf(message) };
    return { ...download, chunks: chunksOf(message, { length, idleTimeout, signal: request.signal }) };
  } catch (error) {
    message.destroy();
    throw error;
  }
}

/** Where a body lies in the package; `length` is that of the body, where it is known. */
interface Place {
  readonly offset: number;
  readonly length: number | undefined;
  readonly size: number | undefined;
}

function placeOf(message: IncomingMessage, asked: number): Place {
  const { statusCode = 0, headers } = message;
  const { 'content-encoding': encoding = 'identity', 'content-range': range = '' } = headers;
  switch (statusCode) {
    case 200: {
      if (encoding !== 'identity') throw encoded(encoding);
      const length = wholeNumber(headers['content-length']);
      return { offset: 0, length, size: length };
    }
    case 206: {
      if (encoding !== 'identity') throw encoded(encoding);
      const [, first = '', last = '', size] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range) ?? [];
      if (Number(first) !== asked || first === '') throw lost(`The server sent ${range || 'another part'}.`);
      return { offset: asked, length: Number(last) - asked + 1, size: wholeNumber(size) };
    }
    case 416: {
      // Nothing is left to be sent, if the version is the one that is here.
      const [, size = ''] = /^bytes \*\/(\d+)$/.exec(range) ?? [];
      if (asked > 0 && Number(size) === asked) return { offset: asked, length: 0, size: asked };
      throw lost('The server has no such part of the package.');
    }
    default:
      throw mayChange(statusCode) ? lost(answered(statusCode)) : invalid(answered(statusCode));
  }
}

/** Too early, too many, or trouble of the server: all of that may be over later (RFC 9110 §15.5, §15.6, RFC 6585 §4). */
function mayChange(statusCode: number): boolean {
  return statusCode >= 500 || [408, 423, 425, 429].includes(statusCode);
}

function answered(statusCode: number): string {
  return `The server answered ${statusCode}.`;
}

function encoded(encoding: string): FirmwareError {
  const message = `The package comes encoded (${encoding}), and was to come as it is.`;
  return new FirmwareError(FirmwareUpdateResult.unsupportedPackageType, message);
}

/** Weak tags do not tell bytes apart (RFC 9110 §13.1.5). */
function validatorOf({ headers }: IncomingMessage): string | undefined {
  const { etag } = headers;
  return etag !== undefined && !etag.startsWith('W/') ? etag : headers['last-modified'];
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

interface BodyOptions {
  readonly length: number | undefined;
  readonly idleTimeout: number;
  readonly signal: AbortSignal;
}

/** The time counts only while a chunk is waited for, not while the device is busy with the one before. */
async function* chunksOf(
  message: IncomingMessage,
  { length, idleTimeout, signal }: BodyOptions,
): AsyncGenerator<Uint8Array> {
  if (length === 0) {
    message.destroy();
    return;
  }
  let received = 0;
  const give = (): void => void message.destroy(lost(`Nothing came for ${idleTimeout / 1000} s.`));
  let timer = setTimeout(give, idleTimeout);
  try {
    for await (const chunk of message) {
      clearTimeout(timer);
      const bytes: unknown = chunk;
      if (!(bytes instanceof Uint8Array)) continue;
      received += bytes.length;
      yield new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
      timer = setTimeout(give, idleTimeout);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw downloadFailure(error);
  } finally {
    clearTimeout(timer);
  }
  if (length !== undefined && received < length) throw lost(`${received} of ${length} bytes came.`);
}
