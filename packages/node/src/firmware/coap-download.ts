import { hexEncode } from '@dunlin/base';
import {
  blockSizeUpTo,
  codeClass,
  type CoapUri,
  formatCode,
  type IncomingResponse,
  Method,
  parseCoapUri,
  type Peer,
  ResponseCode,
} from '@dunlin/coap';
import { type FirmwareDownload, type FirmwareDownloadRequest, FirmwareError } from '@dunlin/client';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';

import type { CoapAsker } from './coap-asker.ts';
import { downloadFailure, invalid, lost } from './download-failure.ts';

/** How a download over CoAP goes about it. */
export interface CoapDownloadOptions {
  readonly blockSize: number;
  /** Opens a client that can reach the server of a URI. */
  readonly open: (uri: CoapUri) => Promise<CoapAsker>;
}

/**
 * Opens a download over CoAP or CoAPs, block by block (RFC 7959 §2.4), so that the device sets the pace. It goes on where
 * it was cut as long as the server's ETag is the same.
 */
export async function openCoapDownload(
  request: FirmwareDownloadRequest,
  { blockSize, open }: CoapDownloadOptions,
): Promise<FirmwareDownload> {
  const { signal } = request;
  const uri = parseCoapUri(request.uri);
  if (uri.kind === 'failure') throw invalid(`It is no CoAP URI (${uri.problem}).`);
  const asker = await open(uri);
  const close = (): void => asker.close();
  signal.addEventListener('abort', close);
  try {
    signal.throwIfAborted();
    const peer = await asker.resolve(uri.host, uri.port);
    const blocks = new PackageBlocks({ asker, peer, uri }, blockSizeUpTo(blockSize));
    return await begin(blocks, request, close);
  } catch (error) {
    close();
    signal.throwIfAborted();
    throw downloadFailure(error);
  }
}

/** A block of the package, and where it lies. */
interface Block {
  readonly offset: number;
  readonly payload: Uint8Array;
  readonly isLast: boolean;
  readonly size: number | undefined;
  readonly validator: string | undefined;
}

async function begin(
  blocks: PackageBlocks,
  { offset, validator, signal }: FirmwareDownloadRequest,
  close: () => void,
): Promise<FirmwareDownload> {
  const resumed = validator === undefined ? undefined : await blocks.resume(offset, validator);
  const first = resumed ?? (await blocks.at(0));
  const start = resumed === undefined ? 0 : offset;
  const chunks = chunksFrom(blocks, { first, start, signal, close });
  return { offset: start, size: first.size, validator: first.validator, chunks };
}

interface ChunkOptions {
  readonly first: Block;
  /** What lies before it in the first block is there already. */
  readonly start: number;
  readonly signal: AbortSignal;
  readonly close: () => void;
}

async function* chunksFrom(
  blocks: PackageBlocks,
  { first, start, signal, close }: ChunkOptions,
): AsyncGenerator<Uint8Array> {
  try {
    for (let block = first; ;) {
      const { offset, payload, isLast } = block;
      const next = offset + payload.length;
      if (next > start) yield payload.subarray(Math.max(start - offset, 0));
      if (isLast) return;
      block = await blocks.at(next);
      if (block.validator !== first.validator) throw lost('The package became another one meanwhile.');
    }
  } catch (error) {
    signal.throwIfAborted();
    throw downloadFailure(error);
  } finally {
    close();
  }
}

interface PackageSource {
  readonly asker: CoapAsker;
  readonly peer: Peer;
  readonly uri: CoapUri;
}

/** The blocks of one package, which are asked for one by one. */
class PackageBlocks {
  readonly #source: PackageSource;
  #blockSize: number;

  constructor(source: PackageSource, blockSize: number) {
    this.#source = source;
    this.#blockSize = blockSize;
  }

  /** The block that begins at a byte. The server may have smaller ones; then those are asked for from there on. */
  async at(offset: number): Promise<Block> {
    const { asker, peer, uri } = this.#source;
    const request = { method: Method.get, uriPath: uri.path, uriQuery: uri.query };
    const preferredBlockSize = this.#blockSize;
    const response = await asker.ask(peer, request, {
      preferredBlockSize,
      bodyOffset: offset,
      singleBlock: true,
    });
    if (response.code !== ResponseCode.content) throw refused(response);
    const { payload, etag, part } = response;
    const { isLast = true, size = isLast ? offset + payload.length : undefined } = part ?? {};
    if (!isLast) this.#blockSize = Math.min(this.#blockSize, blockSizeUpTo(payload.length));
    return { offset, payload, isLast, size, validator: etag && hexEncode(etag) };
  }

  /**
   * The block with the last of the bytes that are there, which shows whether there are more; `undefined` when the package
   * is not the one that it was.
   */
  async resume(length: number, validator: string): Promise<Block | undefined> {
    if (length === 0) return undefined;
    const offset = Math.floor((length - 1) / this.#blockSize) * this.#blockSize;
    const block = await this.#attempt(offset);
    if (block?.validator !== validator) return undefined;
    return block.isLast && offset + block.payload.length < length ? undefined : block;
  }

  /** A block that is not there says nothing about the package: it may be another one, with fewer of them. */
  async #attempt(offset: number): Promise<Block | undefined> {
    try {
      return await this.at(offset);
    } catch (error) {
      if (error instanceof FirmwareError && error.result === FirmwareUpdateResult.invalidUri)
        return undefined;
      throw error;
    }
  }
}

/** Incomplete, too many, or trouble of the server: all of that may be over later. */
function refused({ code }: IncomingResponse): FirmwareError {
  const message = `The server answered ${formatCode(code)}.`;
  const mayChange =
    codeClass(code) === 5 ||
    code === ResponseCode.requestEntityIncomplete ||
    code === ResponseCode.tooManyRequests;
  return mayChange ? lost(message) : invalid(message);
}
