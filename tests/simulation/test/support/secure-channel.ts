import { type Instant, type Random, Secret, seededRandom, utf8Encode } from '@dunlin/base';
import type { SecureBinding, ServerSecurity } from '@dunlin/client';
import type { Binding, Driven, OutgoingDatagram, Peer } from '@dunlin/coap';
import { cipherSuites, restoreAssociations, saveAssociations } from '@dunlin/dtls';
import { clientDtls, dtls, type DtlsCredentials, type DtlsOptions, type SavedState } from '@dunlin/node';
import { describeMessage, type SimulatedNetwork } from '@dunlin/simulation';

import { isTraced } from './seeds.ts';

/** How the devices and the server of a simulation speak DTLS. */
export interface SecureTerms {
  /** What the server asks its peers to write into their records. */
  readonly connectionIdLength: number | 'none';
  /** Whether the server has its associations again after it was closed. */
  readonly isServerSaved: boolean;
  /** For the randomness of each binding that is opened. */
  readonly nextSeed: () => number;
  /** Told what a trace shows. */
  readonly note: (text: string) => void;
}

/** No key exchange that takes time, and none whose keys are drawn from elsewhere than the seed. */
const suites = cipherSuites.filter(({ name }) => name === 'TLS_PSK_WITH_AES_128_CCM_8');

/** A binding over DTLS for a server of devices that are known by their endpoint names. */
export function secureServerBinding(
  network: SimulatedNetwork,
  carrier: Binding,
  terms: SecureTerms & { readonly savedState: SavedState },
): Binding {
  const { connectionIdLength, isServerSaved, savedState } = terms;
  return traced(
    dtls({
      ...secured(network, carrier, terms),
      port: 5684,
      credentials: keysByEndpointName,
      connectionIdLength,
      ...(isServerSaved ? { savedState } : {}),
    }),
    terms,
  );
}

/** The secure binding of a device. */
export function secureDeviceBinding(
  network: SimulatedNetwork,
  carrier: Binding,
  terms: SecureTerms,
): SecureBinding {
  const { connectionIdLength } = terms;
  const binding = clientDtls({
    ...secured(network, carrier, terms),
    port: 0,
    ...(connectionIdLength === 'none' ? { connectionIdLength } : {}),
  });
  return (credentialFor) => traced(binding(credentialFor), terms);
}

/** What a device knows of the server. */
export function securityOf(endpointName: string): ServerSecurity {
  return { mode: 'psk', identity: endpointName, key: keyOf(endpointName) };
}

/** Keeps associations as a file does, sealed, to be used once; it is there over all lives of its owner. */
export class SavedStateInMemory implements SavedState {
  readonly #key = new Secret(new Uint8Array(32).fill(7));
  #sealed: Uint8Array | undefined;
  #generation: string | undefined;
  readonly #sealing = {
    key: this.#key,
    ledger: {
      issue: (generation: string): Promise<void> => {
        this.#generation = generation;
        return Promise.resolve();
      },
      consume: (generation: string): Promise<boolean> => {
        const isThere = this.#generation === generation;
        this.#generation = undefined;
        return Promise.resolve(isThere);
      },
    },
  };

  async take(now: Parameters<SavedState['take']>[0]): ReturnType<SavedState['take']> {
    const sealed = this.#sealed;
    this.#sealed = undefined;
    return sealed && (await restoreAssociations(sealed, now, this.#sealing));
  }

  async keep(associations: Parameters<SavedState['keep']>[0], random: Random): Promise<void> {
    this.#sealed = await saveAssociations(associations, random, this.#sealing);
  }
}

const keysByEndpointName: DtlsCredentials = {
  pskFor: (identity) => Promise.resolve({ key: keyOf(identity), credentialId: identity }),
  trusts: () => Promise.resolve(undefined),
};

function keyOf(endpointName: string): Secret {
  return new Secret(utf8Encode(`a key that only ${endpointName} has`));
}

function secured(
  network: SimulatedNetwork,
  binding: Binding,
  { nextSeed }: SecureTerms,
): Pick<DtlsOptions, 'protocol' | 'carrier'> {
  const carrier = { binding, random: seededRandom(nextSeed()), now: () => network.clock.now };
  return { protocol: { suites }, carrier };
}

/** A binding of which every plaintext that is sent is shown, when a trace is asked for. */
function traced(binding: Binding, { note }: SecureTerms): Binding {
  return isTraced ? { open: (driven) => binding.open(new ShownSender(driven, note)) } : binding;
}

/** Passes everything on to what is driven, and shows what that sends and loses. */
class ShownSender implements Driven {
  readonly #driven: Driven;
  readonly #note: (text: string) => void;

  constructor(driven: Driven, note: (text: string) => void) {
    this.#driven = driven;
    this.#note = note;
  }

  get deadline(): Instant | undefined {
    return this.#driven.deadline;
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#driven.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#driven.wake(now);
  }

  peerLost(peer: Peer, now: Instant): void {
    this.#note(`${peer.key} is lost`);
    this.#driven.peerLost?.(peer, now);
  }

  poll(): OutgoingDatagram | undefined {
    const outgoing = this.#driven.poll();
    if (outgoing !== undefined) this.#note(`> ${outgoing.peer.key} ${describeMessage(outgoing.datagram)}`);
    return outgoing;
  }
}
