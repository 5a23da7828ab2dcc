import type { Binding, CoapEndpointOptions, CoapUri } from '@dunlin/coap';
import {
  type FirmwareDownload,
  type FirmwareDownloader,
  type FirmwareDownloadRequest,
  FirmwareError,
  type SecureBinding,
  type SecureCredential,
} from '@dunlin/client';
import { FirmwareUpdateProtocol, FirmwareUpdateResult } from '@dunlin/lwm2m';

import { clientDtls } from '../dtls/client-dtls.ts';
import { udp } from '../udp/udp-shell.ts';
import { CoapAsker } from './coap-asker.ts';
import { openCoapDownload } from './coap-download.ts';
import { invalid } from './download-failure.ts';
import { type FirmwareDownloadLimits, firmwareDownloadLimitsDefaults } from './firmware-download-limits.ts';
import { openHttpDownload, type TlsTrust } from './http-download.ts';

/** What `firmwareDownloader` takes. */
export interface FirmwareDownloaderOptions {
  /** What may be used and `/5/0/8` lists; default: all, `coaps` only with `credentialOf`. */
  readonly protocols?: readonly FirmwareUpdateProtocol[];
  /**
   * What the device proves itself with at `coaps://`, given the Server that wrote the URI: mostly
   * `(shortServerId) => client.credentialOf(shortServerId)`.
   */
  readonly credentialOf?: (shortServerId: number) => SecureCredential;
  /** Whom `https://` servers are vouched for by; default: the authorities that Node.js trusts. */
  readonly tls?: TlsTrust;
  /** What each download over CoAP is given for itself; default `udp()` on a free port, of IPv6 where the URI has such an address. */
  readonly binding?: Binding;
  /** The same over CoAPs; default `clientDtls()` on a free port. */
  readonly secureBinding?: SecureBinding;
  readonly coap?: Omit<CoapEndpointOptions, 'random'>;
  readonly limits?: Partial<FirmwareDownloadLimits>;
}

/**
 * Fetches firmware packages over CoAP, CoAPs, HTTP and HTTPS, whichever the URI says, from whatever server it names, and
 * goes on where it was cut when the server can tell versions apart (ETag, or Last-Modified over HTTP).
 */
export function firmwareDownloader(options: Readonly<FirmwareDownloaderOptions> = {}): FirmwareDownloader {
  const protocols = options.protocols ?? defaultProtocols(options);
  const limits = { ...firmwareDownloadLimitsDefaults, ...options.limits };
  const isUsed = (url: URL): boolean => {
    const protocol = protocolsByScheme[url.protocol];
    return protocol !== undefined && protocols.includes(protocol);
  };
  return {
    protocols,
    open: async (request): Promise<FirmwareDownload> => {
      const url = URL.parse(request.uri);
      if (url === null) throw invalid(`${JSON.stringify(request.uri)} is no URI.`);
      if (!isUsed(url)) throw unsupported(url.protocol);
      if (url.protocol === 'http:' || url.protocol === 'https:') {
        const isOverHttp = (to: URL): boolean => /^https?:$/.test(to.protocol) && isUsed(to);
        return await openHttpDownload(request, { limits, tls: options.tls ?? {}, mayFollow: isOverHttp });
      }
      const open = (uri: CoapUri): Promise<CoapAsker> => openAsker(uri, request, options);
      return await openCoapDownload(request, { blockSize: limits.blockSize, open });
    },
  };
}

const protocolsByScheme: Readonly<Record<string, FirmwareUpdateProtocol>> = {
  'coap:': FirmwareUpdateProtocol.coap,
  'coaps:': FirmwareUpdateProtocol.coaps,
  'http:': FirmwareUpdateProtocol.http,
  'https:': FirmwareUpdateProtocol.https,
};

function defaultProtocols({ credentialOf }: FirmwareDownloaderOptions): readonly FirmwareUpdateProtocol[] {
  const { coaps, ...others } = FirmwareUpdateProtocol;
  return [...Object.values(others), ...(credentialOf === undefined ? [] : [coaps])].sort((a, b) => a - b);
}

/** A binding of its own, so that a large package is not in the way of what Servers ask. */
function openAsker(
  { isSecure, host }: CoapUri,
  { shortServerId }: FirmwareDownloadRequest,
  options: FirmwareDownloaderOptions,
): Promise<CoapAsker> {
  const local = { port: 0, address: host.includes(':') ? '::' : '0.0.0.0' };
  const { binding = udp(local), secureBinding = clientDtls(local), credentialOf, coap } = options;
  if (!isSecure) return CoapAsker.open(binding, coap);
  if (credentialOf === undefined || shortServerId === undefined) {
    throw invalid('There is no Server whose credential is good for it.');
  }
  return CoapAsker.open(
    secureBinding(() => credentialOf(shortServerId)),
    coap,
  );
}

function unsupported(scheme: string): FirmwareError {
  const message = `Packages are not fetched from ${scheme} URIs.`;
  return new FirmwareError(FirmwareUpdateResult.unsupportedProtocol, message);
}
