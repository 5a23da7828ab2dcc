import assert from 'node:assert/strict';

import { concatBytes } from '@dunlin/base';
import { type FirmwareDownload, type FirmwareDownloader, FirmwareError } from '@dunlin/client';

/** What a test asks of a download beside its URI. */
export interface DownloadOptions {
  readonly offset?: number;
  readonly validator?: string;
  readonly shortServerId?: number;
  readonly signal?: AbortSignal;
}

/** What came of a download: the bytes, and why there were no more. */
export interface Downloaded extends Pick<FirmwareDownload, 'offset' | 'size' | 'validator'> {
  readonly bytes: Uint8Array;
  readonly error: unknown;
}

/** A body whose every byte tells its place. */
export function packageOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

/** Opens a download; rejects as the downloader does. */
export function openDownload(
  downloader: FirmwareDownloader,
  uri: string,
  options: DownloadOptions = {},
): Promise<FirmwareDownload> {
  const { offset = 0, validator, shortServerId, signal = new AbortController().signal } = options;
  return downloader.open({ uri, offset, validator, shortServerId, signal });
}

/** Downloads until the end, or until it breaks. */
export async function download(
  downloader: FirmwareDownloader,
  uri: string,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const { offset, size, validator, chunks } = await openDownload(downloader, uri, options);
  const pieces: Uint8Array[] = [];
  let broken: unknown;
  try {
    for await (const piece of chunks) pieces.push(piece.slice());
  } catch (error) {
    broken = error;
  }
  return { offset, size, validator, bytes: concatBytes(pieces), error: broken };
}

/** What `assert.rejects` takes: a `FirmwareError` with this result. */
export function withResult(result: number): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof FirmwareError, String(error));
    assert.equal(error.result, result, error.message);
    return true;
  };
}
