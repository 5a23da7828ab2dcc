import { UsageError } from '@dunlin/base';
import {
  BindPair,
  type RunningCarrier,
  type SmppAccountOptions,
  type SmppLimits,
  SmppSession,
  type SmppStatistics,
  type SmppStatus,
} from '@dunlin/sms';

import { systemRandom } from '../entropy.ts';
import { CarrierShell, type CarrierShellLimits } from './carrier-shell.ts';
import { smppStreamOpener, type SmppTlsOptions } from './smpp-stream.ts';
import { readSmppUrl } from './smpp-url.ts';

/** An account at a message centre, where that is, and what is to be expected of it. */
export interface SmppOptions extends Omit<SmppAccountOptions, 'bindMode'> {
  /** `smpp://host:2775`, or `smpps://host:3550` for TLS. */
  readonly url: string;
  /** Only with `smpps:`. */
  readonly tls?: SmppTlsOptions;
  /**
   * One connection for both directions (`transceiver`, the default), or a `pair` of a transmitter and a receiver, for
   * message centres that know nothing else.
   */
  readonly bind?: 'transceiver' | 'pair';
  /** Limits of each session, see `smppLimitsDefaults` of `@dunlin/sms`. */
  readonly limits?: Readonly<Partial<SmppLimits>>;
  /** Limits of each connection. */
  readonly shellLimits?: Readonly<Partial<CarrierShellLimits>>;
}

/** An account at a message centre, driven over TCP or TLS. */
export interface SmppCarrier extends RunningCarrier {
  /** What the session is at, the worse one of two; a misconfigured account waits for somebody to look at it. */
  readonly status: SmppStatus;
  /** Counts since it was made; each message is one part. */
  readonly statistics: SmppStatistics;
}

/** One session for both directions. */
class TransceiverCarrier extends CarrierShell implements SmppCarrier {
  readonly #session: SmppSession;

  constructor(session: SmppSession, ...rest: SessionStream) {
    super(session, ...rest);
    this.#session = session;
  }

  get status(): SmppStatus {
    return this.#session.status;
  }

  get statistics(): SmppStatistics {
    return this.#session.statistics;
  }
}

type SessionStream = [
  open: ReturnType<typeof smppStreamOpener>,
  limits: Readonly<Partial<CarrierShellLimits>>,
];

/**
 * Short messages over an account at a message centre (SMPP 3.4). Idle until `start`. Throws a `UsageError` for a URL or
 * an account that cannot be used; whether the message centre accepts it is an event.
 */
export function smpp(options: Readonly<SmppOptions>): SmppCarrier {
  const { url, tls, bind = 'transceiver', limits = {}, shellLimits = {}, ...account } = options;
  const addressee = readSmppUrl(url);
  if (tls !== undefined && !addressee.isSecure) {
    throw new UsageError('TLS is for message centres at smpps://, and this one is at smpp://.');
  }
  const sessionOptions = { account, limits, random: systemRandom() };
  const stream: SessionStream = [smppStreamOpener(addressee, tls ?? {}), shellLimits];
  return bind === 'pair'
    ? new BindPair(sessionOptions, (session) => new CarrierShell(session, ...stream))
    : new TransceiverCarrier(new SmppSession(sessionOptions), ...stream);
}
