import { UsageError } from '@dunlin/base';
import {
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
export interface SmppOptions extends SmppAccountOptions {
  /** `smpp://host:2775`, or `smpps://host:3550` for TLS. */
  readonly url: string;
  /** Only with `smpps:`. */
  readonly tls?: SmppTlsOptions;
  /** Limits of the session, see `smppLimitsDefaults` of `@dunlin/sms`. */
  readonly limits?: Readonly<Partial<SmppLimits>>;
  /** Limits of the connection. */
  readonly shellLimits?: Readonly<Partial<CarrierShellLimits>>;
}

/** A session with a message centre, driven over TCP or TLS. */
export class SmppCarrier extends CarrierShell {
  readonly #session: SmppSession;

  constructor(options: Readonly<SmppOptions>) {
    const { url, tls, limits = {}, shellLimits = {}, ...account } = options;
    const addressee = readSmppUrl(url);
    if (tls !== undefined && !addressee.isSecure) {
      throw new UsageError('TLS is for message centres at smpps://, and this one is at smpp://.');
    }
    const session = new SmppSession({ account, limits, random: systemRandom() });
    super(session, smppStreamOpener(addressee, tls ?? {}), shellLimits);
    this.#session = session;
  }

  /** What the session is at; a misconfigured account waits for somebody to look at it. */
  get status(): SmppStatus {
    return this.#session.status;
  }

  /** Counts since it was made; each message is one part. */
  get statistics(): SmppStatistics {
    return this.#session.statistics;
  }
}

/**
 * Short messages over an account at a message centre (SMPP 3.4). Idle until `start`. Throws a `UsageError` for a URL or
 * an account that cannot be used; whether the message centre accepts it is an event.
 */
export function smpp(options: Readonly<SmppOptions>): SmppCarrier {
  return new SmppCarrier(options);
}
