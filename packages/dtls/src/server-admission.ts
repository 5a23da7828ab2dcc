import { equalBytes, type Instant, noBytes } from '@dunlin/base';

import type { Association } from './association.ts';
import {
  type AssociationStarter,
  noConnectionIdLeft,
  type StartedAssociation,
} from './association-starter.ts';
import type { AssociationTable } from './association-table.ts';
import { CookieIssuer } from './cookie.ts';
import type { ResolvedOptions } from './dtls-endpoint-options.ts';
import type { DatagramAddress, DiagnosticKind } from './dtls-output.ts';
import type { FailureLimiter } from './failure-limiter.ts';
import {
  helloAlertRecord,
  helloVerifyRequestRecord,
  readClientHello,
  type ReceivedHello,
} from './hello-exchange.ts';
import { agreeOnTerms, chooseSuite, type ServerTerms } from './negotiation/server-choice.ts';
import { decideResumption } from './resumption.ts';
import type { SessionCache } from './session-cache.ts';
import type { Session } from './session.ts';
import { isMalformed, malformed, type Malformed } from './wire/malformed.ts';
import type { DtlsRecord } from './wire/record.ts';

/** What to do about a ClientHello. */
export type Admission =
  /** Nothing is remembered. */
  | {
      readonly kind: 'answered';
      readonly datagram: Uint8Array;
      readonly problem?: { readonly problem: DiagnosticKind; readonly detail: string };
    }
  | { readonly kind: 'dropped'; readonly problem: DiagnosticKind; readonly detail: string }
  /** The hello, sent again, of a handshake that is under way. */
  | { readonly kind: 'repeated'; readonly association: Association }
  | ({
      readonly kind: 'begins';
      /** The handshake with the same address that it takes the place of. */
      readonly replaced: Association | undefined;
    } & StartedAssociation);

/** What a server does about ClientHellos: cookies first, then limits, then negotiation (RFC 6347 §4.2.1). */
export class ServerAdmission {
  readonly #options: ResolvedOptions;
  readonly #table: AssociationTable;
  readonly #starter: AssociationStarter;
  readonly #sessions: SessionCache;
  readonly #failures: FailureLimiter;
  readonly #cookies: CookieIssuer;

  constructor(
    options: ResolvedOptions,
    table: AssociationTable,
    starter: AssociationStarter,
    sessions: SessionCache,
    failures: FailureLimiter,
  ) {
    this.#options = options;
    this.#table = table;
    this.#starter = starter;
    this.#sessions = sessions;
    this.#failures = failures;
    this.#cookies = new CookieIssuer(options.random, options.association);
  }

  /** Looks at the ClientHello in a record. */
  consider(record: DtlsRecord, from: DatagramAddress, now: Instant): Admission {
    const { handshaking, established } = this.#table.at(from);
    const received = readClientHello(record);
    if (isMalformed(received)) {
      // Fragments of a hello that was taken are repetitions, which its handshake knows by their number.
      if (handshaking?.role === 'server') return { kind: 'repeated', association: handshaking };
      return dropped('malformed', received.reason);
    }
    const { hello, message } = received;
    if (handshaking?.helloBody !== undefined && equalBytes(handshaking.helloBody, message.body)) {
      return { kind: 'repeated', association: handshaking };
    }
    if (!this.#cookies.verify(hello, from.key, now)) {
      const cookie = this.#cookies.issue(hello, from.key, now);
      return { kind: 'answered', datagram: helloVerifyRequestRecord(record, message.messageSeq, cookie) };
    }
    if (message.messageSeq === 0) return dropped('malformed', 'A ClientHello with cookie has number 0.');
    if (established?.connection?.isMadeBy(hello.random, now) === true) {
      return dropped('unknown-peer', 'A late duplicate of the ClientHello of an association.');
    }
    if (handshaking?.role === 'client') {
      return dropped('refused-for-limits', 'There is a handshake with this address the other way round.');
    }
    return this.#admit(record, from, received, now);
  }

  #admit(record: DtlsRecord, from: DatagramAddress, received: ReceivedHello, now: Instant): Admission {
    if (this.#failures.isBlocked(from.address, now)) {
      return dropped('refused-for-failures', `Too many handshakes with ${from.address} have failed.`);
    }
    const { hello, message } = received;
    const terms = agreeOnTerms(hello, this.#options.negotiation);
    if (isMalformed(terms)) return refused(record, terms);
    const choice = chooseSuite(hello, this.#options.credentials, this.#options.negotiation);
    if (isMalformed(choice)) return refused(record, choice);
    const replaced = this.#table.at(from).handshaking;
    const refusal = replaced === undefined ? this.#table.refusal(from, now) : undefined;
    if (refusal !== undefined) return dropped('refused-for-limits', refusal);
    const resumable = this.#resumable(hello.sessionId, received, terms, now);
    if (isMalformed(resumable)) return refused(record, resumable);
    const started = this.#starter.startServer(
      record,
      from,
      {
        hello,
        helloMessage: message,
        terms,
        choice,
        resumable,
        newSessionId: terms.hasExtendedMasterSecret ? this.#options.random.bytes(32) : noBytes,
      },
      now,
    );
    if (started !== undefined) return { kind: 'begins', replaced, ...started };
    resumable?.masterSecret.destroy();
    return dropped('refused-for-limits', noConnectionIdLeft);
  }

  #resumable(
    sessionId: Uint8Array,
    { hello }: ReceivedHello,
    terms: ServerTerms,
    now: Instant,
  ): Session | Malformed | undefined {
    const session = sessionId.length === 0 ? undefined : this.#sessions.find(sessionId, now);
    if (session === undefined) return undefined;
    const decision = decideResumption(session, {
      cipherSuites: hello.cipherSuites,
      serverName: terms.serverName,
      offersExtendedMasterSecret: terms.hasExtendedMasterSecret,
      maxFragmentLength: terms.maxFragmentLength,
    });
    if (decision.kind === 'resume') return session;
    session.masterSecret.destroy();
    return decision.kind === 'abort' ? malformed(decision.reason, decision.alert) : undefined;
  }
}

function refused(record: DtlsRecord, problem: Malformed): Admission {
  return {
    kind: 'answered',
    datagram: helloAlertRecord(record, problem.alert),
    problem: { problem: 'not-acceptable', detail: problem.reason },
  };
}

function dropped(problem: DiagnosticKind, detail: string): Admission {
  return { kind: 'dropped', problem, detail };
}
