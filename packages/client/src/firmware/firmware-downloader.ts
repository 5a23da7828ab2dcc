import type { FirmwareUpdateProtocol } from '@dunlin/lwm2m';

/** What a download begins with. */
export interface FirmwareDownloadRequest {
  /** As the Server wrote it; nothing about it is checked. */
  readonly uri: string;
  /** The bytes that are there already, of an earlier attempt. */
  readonly offset: number;
  /** What an earlier attempt called the version that they are of; absent when there are none. */
  readonly validator: string | undefined;
  /** The Server that wrote the URI, whose credentials are good for `coaps://`; absent when the device did. */
  readonly shortServerId: number | undefined;
  /** Ends the download; its promises reject with the reason. */
  readonly signal: AbortSignal;
}

/** A download under way. */
export interface FirmwareDownload {
  /** Where the chunks begin: at the offset that was asked for, or at 0 when that version is not there any more. */
  readonly offset: number;
  /** The bytes of the whole package, where that is known. */
  readonly size: number | undefined;
  /** What tells this version from others, for a later attempt to go on with; absent when nothing does. */
  readonly validator: string | undefined;
  /** Ends when the package is complete; throws a `FirmwareError` when it is not going to be. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Port: fetches packages from the URIs that Servers write (R-1055). Rejects with a `FirmwareError`: connection lost for
 * what may go better later, invalid URI or unsupported protocol for what will not. Anything else counts as a connection
 * that was lost.
 */
export interface FirmwareDownloader {
  /** What Firmware Update Protocol Support, `/5/0/8`, lists. */
  readonly protocols: readonly FirmwareUpdateProtocol[];
  open(request: FirmwareDownloadRequest): Promise<FirmwareDownload>;
}
