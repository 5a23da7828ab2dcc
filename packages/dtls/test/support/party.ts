import { addDuration, type Instant, instantFrom, milliseconds, seededRandom } from '@dunlin/base';

import type { AssociationId } from '../../src/association-id.ts';
import { DtlsEndpoint } from '../../src/dtls-endpoint.ts';
import type { DtlsEndpointOptions } from '../../src/dtls-endpoint-options.ts';
import type { DatagramAddress, DtlsOutput } from '../../src/dtls-output.ts';
import type { PreSharedKeyAnswer, TrustAnswer } from '../../src/handshake/handshake-action.ts';
import { validTime } from './certificate-authority.ts';

/** The output of one kind. */
export type OutputOf<Kind extends DtlsOutput['kind']> = Extract<DtlsOutput, { readonly kind: Kind }>;

/** A datagram on its way. */
export interface Flying {
  readonly from: DatagramAddress;
  readonly to: DatagramAddress;
  readonly datagram: Uint8Array;
}

/** An address for tests. */
export function addressOf(host: string, port: number): DatagramAddress {
  return { key: `${host} ${port}`, address: host, port };
}

/** How a party answers the questions of its endpoint; `undefined`: not at all. */
export interface PartyAnswers {
  readonly psk?: (question: OutputOf<'psk-lookup'>) => PreSharedKeyAnswer | 'later';
  readonly trust?: (question: OutputOf<'verify-peer'>) => TrustAnswer | 'later';
}

/** An endpoint at an address, with all it put out but datagrams. */
export class Party {
  readonly endpoint: DtlsEndpoint;
  readonly outputs: DtlsOutput[] = [];
  address: DatagramAddress;
  readonly #answers: PartyAnswers;

  constructor(address: DatagramAddress, options: DtlsEndpointOptions, answers: PartyAnswers = {}) {
    this.address = address;
    this.endpoint = new DtlsEndpoint(options);
    this.#answers = answers;
  }

  /** All outputs of one kind so far. */
  all<Kind extends DtlsOutput['kind']>(kind: Kind): readonly OutputOf<Kind>[] {
    return this.outputs.filter((output): output is OutputOf<Kind> => output.kind === kind);
  }

  /** The texts that were received. */
  texts(): readonly string[] {
    return this.all('received').map(({ plaintext }) => new TextDecoder().decode(plaintext));
  }

  /** Drains the endpoint: datagrams are returned, questions answered, all else kept. */
  drain(now: Instant): readonly Flying[] {
    const flying: Flying[] = [];
    for (let output = this.endpoint.poll(); output !== undefined; output = this.endpoint.poll()) {
      if (output.kind === 'transmit') {
        flying.push({ from: this.address, to: output.to, datagram: output.datagram });
        continue;
      }
      this.outputs.push(output);
      if (output.kind === 'psk-lookup') {
        const answer = this.#answers.psk === undefined ? 'later' : this.#answers.psk(output);
        if (answer !== 'later') this.endpoint.answerPskLookup(output.lookup, answer, now);
      } else if (output.kind === 'verify-peer') {
        const answer = this.#answers.trust === undefined ? 'later' : this.#answers.trust(output);
        if (answer !== 'later') this.endpoint.answerVerification(output.lookup, answer, now);
      }
    }
    return flying;
  }
}

/** What becomes of a datagram: what is delivered instead of it, at once. By default itself. */
export type Path = (flying: Flying, index: number) => readonly Flying[];

/** Parties joined by a network in which datagrams take 10 ms, on virtual time. */
export class World {
  now: Instant = validTime;
  path: Path = (flying) => [flying];
  readonly parties: Party[];
  /** All datagrams that were sent, in order. */
  readonly sent: Flying[] = [];
  #flying: { readonly at: Instant; readonly flying: Flying }[] = [];

  constructor(...parties: Party[]) {
    this.parties = parties;
  }

  /** Sends what the parties have to send. */
  flush(): void {
    for (const party of this.parties) {
      for (const flying of party.drain(this.now)) {
        const index = this.sent.push(flying) - 1;
        for (const delivered of this.path(flying, index)) this.put(delivered);
      }
    }
  }

  /** Puts a datagram onto the network. */
  put(flying: Flying, delay = 10): void {
    this.#flying.push({ at: addDuration(this.now, milliseconds(delay)), flying });
    this.#flying.sort((a, b) => a.at - b.at);
  }

  /** Lets things happen for so long, or until nothing more happens. */
  run(duration: number): void {
    const end = addDuration(this.now, milliseconds(duration));
    for (let step = 0; step < 20_000; step += 1) {
      this.flush();
      const deadlines = this.parties.map(({ endpoint }) => endpoint.deadline ?? Infinity);
      const next = Math.min(this.#flying[0]?.at ?? Infinity, ...deadlines);
      if (next > end) break;
      this.now = instantFrom(Math.max(this.now, next));
      const [first] = this.#flying;
      if (first !== undefined && first.at <= this.now) {
        this.#flying.shift();
        const target = this.parties.find(({ address }) => address.key === first.flying.to.key);
        // As a socket of Node.js gives it: slices of it are views, and its memory may be used again.
        const datagram = Buffer.from(first.flying.datagram);
        target?.endpoint.handle(datagram, first.flying.from, this.now);
        datagram.fill(0xee);
      } else {
        for (const { endpoint } of this.parties) endpoint.wake(this.now);
      }
    }
    this.now = end;
  }
}

/** The one association of a party that was established last. */
export function lastEstablished(party: Party): OutputOf<'established'> | undefined {
  return party.all('established').at(-1);
}

/** Sends a text over an association. */
export function sendText(world: World, party: Party, association: AssociationId, text: string): string {
  return party.endpoint.send(association, new TextEncoder().encode(text), world.now);
}

/** Randomness that differs from test to test and is the same every time. */
export function randomOf(seed: number): DtlsEndpointOptions['random'] {
  return seededRandom(seed);
}
