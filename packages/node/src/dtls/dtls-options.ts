import type { Instant, Random } from '@dunlin/base';
import type { Binding, Peer } from '@dunlin/coap';
import type { DtlsEndpointOptions, KeyLogSink } from '@dunlin/dtls';

import { now } from '../clock.ts';
import { systemRandom } from '../entropy.ts';
import type { UdpOptions } from '../udp/udp-shell.ts';
import type { DtlsDiagnostic } from './dtls-diagnostic.ts';
import type { SavedState } from './saved-state-file.ts';

/** What of the protocol may be set; each has its default beside it in `@dunlin/dtls`. */
export type DtlsProtocolOptions = Partial<
  Pick<
    DtlsEndpointOptions,
    | 'suites'
    | 'groups'
    | 'requiresExtendedMasterSecret'
    | 'recordSizeLimit'
    | 'maxFragmentLength'
    | 'maxIdentityLength'
    | 'flight'
    | 'reassembly'
    | 'handshake'
    | 'association'
    | 'limits'
    | 'failures'
    | 'sessions'
  >
>;

/** What carries DTLS records in place of a UDP socket, such as a simulated network: with its own time and randomness. */
export interface RecordCarrier {
  readonly binding: Binding;
  readonly random: Random;
  /** Default UDP. */
  readonly transport?: Peer['transport'];
  now(): Instant;
}

/** What server and client bindings have in common. */
export interface DtlsOptions extends UdpOptions {
  /**
   * How many bytes the connection ids have that peers put into records sent here (RFC 9146), 0 to 64. Default: 8 for
   * a server; 0 for a client, which only takes those of its server. `none`: connection ids are not used.
   */
  readonly connectionIdLength?: number | 'none';
  /** Where associations are kept while this binding is closed; without, peers are told goodbye. */
  readonly savedState?: SavedState;
  readonly onDiagnostic?: (diagnostic: DtlsDiagnostic) => void;
  /** Gives the keys of all associations away, for debugging only; told by the diagnostic `keys-are-logged`. */
  readonly keyLog?: KeyLogSink;
  readonly protocol?: Readonly<DtlsProtocolOptions>;
  /** Default: a UDP socket, on the clock of the system. */
  readonly carrier?: RecordCarrier;
}

/** The clock and randomness that a binding goes by. */
export function surroundingsOf({ carrier }: DtlsOptions): Required<Omit<RecordCarrier, 'binding'>> {
  if (carrier === undefined) return { now, random: systemRandom(), transport: 'udp' };
  const { random, transport = 'udp' } = carrier;
  return { now: () => carrier.now(), random, transport };
}
