import { createPrivateKey, X509Certificate } from 'node:crypto';

import type { FirmwareListener } from '@dunlin/server';

import type { FirmwareSettings } from '../config/firmware-settings.ts';
import { type FirmwareListenerOptions, openFirmwareListener } from './firmware-listener.ts';
import type { TlsFiles } from './http-tls.ts';
import type { FollowedIdentity, ServerIdentity } from './server-identity.ts';

/** Where devices fetch images by HTTP, and when that is known. */
export class FirmwareListeners implements AsyncDisposable {
  readonly #opened = Promise.withResolvers<readonly FirmwareListener[]>();
  readonly #resources = new AsyncDisposableStack();
  #urls: readonly string[] = [];

  /** Resolves once they listen: a device is not told before that there are none. */
  get listeners(): Promise<readonly FirmwareListener[]> {
    return this.#opened.promise;
  }

  /** Such as `http://0.0.0.0:8081`. */
  get urls(): readonly string[] {
    return this.#urls;
  }

  /** Listens where the settings say; rejects with an error of one line when that is not possible. */
  async open(
    { http, https }: Pick<FirmwareSettings, 'http' | 'https'>,
    identity: FollowedIdentity,
    parts: Omit<FirmwareListenerOptions, 'address' | 'tls'>,
  ): Promise<void> {
    const opened: (FirmwareListener & { readonly url: string })[] = [];
    try {
      for (const [address, tls] of [
        [http, undefined],
        [https, tlsOf(identity)],
      ] as const) {
        if (address === undefined) continue;
        opened.push(this.#resources.use(await openFirmwareListener({ ...parts, address, tls })));
      }
    } finally {
      this.#urls = opened.map(({ url }) => url);
      this.#opened.resolve(opened);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#opened.resolve([]);
    await this.#resources.disposeAsync();
  }
}

/** The identity of the server as TLS has it, and what it becomes. */
function tlsOf({ certificate, renewed }: FollowedIdentity): FirmwareListenerOptions['tls'] {
  if (certificate === undefined) return undefined;
  return {
    files: pemOf(certificate),
    renewed: {
      subscribe: (listener) =>
        renewed.subscribe((identity) => {
          if (identity.certificate !== undefined) listener(pemOf(identity.certificate));
        }),
    },
  };
}

function pemOf({ privateKey, chain }: NonNullable<ServerIdentity['certificate']>): TlsFiles {
  const key = createPrivateKey({ key: privateKey.export({ format: 'jwk' }), format: 'jwk' });
  return {
    key: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: chain.map((certificate) => new X509Certificate(certificate).toString()).join(''),
  };
}
