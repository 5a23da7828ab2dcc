import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

import type { Signal } from '@dunlin/base';
import { formatHostAndPort } from '@dunlin/node';
import { type FirmwareListener, firmwareSegment } from '@dunlin/server';
import type { Logger } from 'pino';

import type { SocketAddress } from '../config/socket-address.ts';
import { answerDownload } from '../http/firmware-download.ts';
import type { HttpObserver } from '../http/http-app.ts';
import type { ManagedFirmware } from '../http/managed-server.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import { followCertificate, secureContextOf, type TlsFiles } from './http-tls.ts';
import { listenFailure } from './listen-http.ts';

/** What a listener for devices that fetch images is opened with. */
export interface FirmwareListenerOptions {
  readonly address: SocketAddress;
  /** What TLS is served by, and what that becomes; without it is plain HTTP. */
  readonly tls: { readonly files: TlsFiles; readonly renewed: Signal<TlsFiles> } | undefined;
  readonly firmware: Pick<ManagedFirmware, 'download'>;
  readonly observer: Pick<HttpObserver, 'requestEnded'>;
  readonly log: Logger;
}

/** A listener that gives images to devices and nothing else, until it is disposed. */
export interface RunningFirmwareListener extends FirmwareListener, AsyncDisposable {
  /** Such as `http://0.0.0.0:8081`. */
  readonly url: string;
}

/** Devices that fetch at one time; more are not let in, and come back. Each costs a socket and 64 KiB. */
const mostConnections = 2000;
/** Milliseconds without a byte in either direction: a device on a slow link says something more often. */
const idleTimeout = 120_000;
/** Milliseconds for a request, which has no body. */
const requestTimeout = 30_000;

/**
 * Listens. The interface for people is on loopback, where no device reaches it, and wants a session or a token: so this is a
 * listener of its own, on which there is nothing but images, each at a path that only its device was told.
 */
export async function openFirmwareListener(
  options: Readonly<FirmwareListenerOptions>,
): Promise<RunningFirmwareListener> {
  const { address, tls } = options;
  const protocol = tls === undefined ? 'http' : 'https';
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    answerRequest(request, response, options).catch((error: unknown) => {
      options.log.error({ err: error }, 'an image could not be given to a device');
      response.destroy();
    });
  };
  const limits = { requestTimeout, headersTimeout: requestTimeout, maxHeaderSize: 8192 };
  const server =
    tls === undefined
      ? createServer(limits, answer)
      : createSecureServer({ ...limits, ...secureContextOf(tls.files) }, answer);
  server.maxConnections = mostConnections;
  server.timeout = idleTimeout;
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (error) => {
      const setting = `--firmware-${protocol} or DUNLIN_FIRMWARE_${protocol.toUpperCase()}`;
      reject(new ProgramError(ExitCode.failure, listenFailure(error, address, setting), { cause: error }));
    });
    server.listen(address.port, address.host, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : address.port);
    });
  });
  const following = tls && followCertificate(server, tls.renewed);
  return {
    protocol,
    address: address.host,
    port,
    url: `${protocol}://${formatHostAndPort(address.host, port)}`,
    async [Symbol.asyncDispose]() {
      following?.[Symbol.dispose]();
      if (!server.listening) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      // A transfer that is cut goes on where it was after a restart.
      server.closeAllConnections();
      await promise;
    },
  };
}

/** The route of images, as the metrics name it. */
const route = `/${firmwareSegment}/:token`;

async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { firmware, observer }: Readonly<FirmwareListenerOptions>,
): Promise<void> {
  const [, segment, token = '', ...rest] = (request.url ?? '').replace(/\?.*$/, '').split('/');
  const isImage = segment === firmwareSegment && rest.length === 0;
  const { method = 'GET' } = request;
  response.once('close', () =>
    observer.requestEnded(method, isImage ? route : 'unknown', response.statusCode),
  );
  await answerDownload(request, response, firmware, isImage ? token : '');
}
