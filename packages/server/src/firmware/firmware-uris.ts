import type { Peer } from '@dunlin/coap';
import { type FirmwareProtocol, firmwareProtocolOf, parseFirmwareBaseUri } from '@dunlin/lwm2m';

import type { Listener } from '../listener.ts';
import { newRegistrationId } from '../registration-id.ts';
import type { Registration } from '../registration.ts';
import type { MaybePromise } from '../registration-store.ts';
import type { FirmwareOffer } from './delivery.ts';

/** Where devices can fetch images from a server. */
export interface FirmwareUriOptions {
  /**
   * Base URIs under which devices reach the server, like `coap://server.example:5683` or `https://proxy.example/images`,
   * the best first. For CoAP without one, the address of the listener on which a device registered.
   */
  readonly uris?: readonly string[] | undefined;
  /** Where else devices can fetch images from this machine, asked for each device: what listens may begin later. */
  readonly listeners?: (() => MaybePromise<readonly FirmwareListener[]>) | undefined;
  /** The address of this machine that a device sees, for listeners on all addresses. Without it they have none. */
  readonly addressToward?: ((peer: Peer) => MaybePromise<string | undefined>) | undefined;
}

/** Something that answers `GET /fw/{token}` by `ServerFirmware.download`. */
export interface FirmwareListener {
  readonly protocol: FirmwareProtocol;
  /** Where it listens; all addresses are those of `addressToward`. */
  readonly address: string;
  readonly port: number;
}

/** The first segment of the path of an image. */
export const firmwareSegment = 'fw';

/** Makes the URIs under which devices fetch images. */
export class FirmwareUris {
  readonly #configured: readonly FirmwareOffer[];
  readonly #addressToward: FirmwareUriOptions['addressToward'];
  readonly #others: NonNullable<FirmwareUriOptions['listeners']>;
  readonly #listeners: readonly Listener[];

  /** Throws `UsageError` for a base URI that is none. */
  constructor(
    { uris = [], addressToward, listeners: others = () => [] }: FirmwareUriOptions,
    listeners: readonly Listener[],
  ) {
    this.#configured = uris.map((uri) => ({ ...parseFirmwareBaseUri(uri), isConfigured: true }));
    this.#addressToward = addressToward;
    this.#others = others;
    this.#listeners = listeners;
  }

  /** Where a device could fetch images: as configured, and by each other protocol from where this server listens. */
  async offersFor(registration: Registration): Promise<readonly FirmwareOffer[]> {
    const offers = [...this.#configured];
    for (const { protocol, address: local, port } of await this.#local()) {
      if (offers.some((offer) => offer.protocol === protocol)) continue;
      const address = await this.#addressOf(local, registration.peer);
      if (address === undefined) continue;
      const host = address.includes(':') ? `[${address}]` : address;
      offers.push({ protocol, base: `${protocol}://${host}:${port}`, isConfigured: false });
    }
    return offers;
  }

  /** A URI for one device, which nobody else guesses: its token has 144 bits, in 24 letters. */
  newUri({ base }: FirmwareOffer): { readonly uri: string; readonly token: string } {
    const [first] = this.#listeners;
    if (first === undefined) throw new Error('a URI was made before the first binding was open');
    const { random } = first.shell;
    const token = newRegistrationId(random) + newRegistrationId(random);
    return { token, uri: `${base}/${firmwareSegment}/${token}` };
  }

  async #local(): Promise<readonly FirmwareListener[]> {
    const own = this.#listeners.flatMap(({ shell: { local } }) => {
      const protocol = firmwareProtocolOf(local.uri);
      return protocol === undefined ? [] : [{ protocol, address: local.address, port: local.port }];
    });
    return [...own, ...(await this.#others())];
  }

  async #addressOf(local: string, peer: Peer): Promise<string | undefined> {
    if (local === '0.0.0.0' || local === '::') return await this.#addressToward?.(peer);
    // A device on another machine would look for images on its own.
    return isLoopback(local) && !isLoopback(peer.address) ? undefined : local;
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
