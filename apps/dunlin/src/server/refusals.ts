import type { BootstrapDiagnostic } from '@dunlin/bootstrap';
import { type DtlsDiagnostic, now } from '@dunlin/node';
import type { CredentialStore, ServerDiagnostic } from '@dunlin/server';
import type { Logger } from 'pino';

import { Allowance } from '../events/allowance.ts';
import type { EventHub } from '../events/event-hub.ts';
import { handshakeFailedEvent, refusedEvent } from '../events/refusal-events.ts';
import { handshakeFailure, isHandshakeFailure } from './handshake-failure.ts';
import { logHandshakeFailure, logRefusal } from './log-server-events.ts';

export interface RefusalsOptions {
  /** Where is looked up whose credential it was. */
  readonly store: CredentialStore;
  readonly events: Pick<EventHub, 'publish'>;
  readonly log: Logger;
  /** How many are told; the metrics count them all. */
  readonly allowance?: Allowance;
}

/** Tells events and the log of devices that were refused, at the handshake or by an answer, and why. */
export class Refusals {
  readonly #options: RefusalsOptions;
  readonly #allowance: Allowance;

  constructor(options: Readonly<RefusalsOptions>) {
    this.#options = options;
    this.#allowance = options.allowance ?? new Allowance(() => performance.now());
  }

  diagnosed(diagnostic: ServerDiagnostic | BootstrapDiagnostic): void {
    if (diagnostic.kind !== 'request-refused' || !this.#allowance.take()) return;
    const { events, log } = this.#options;
    logRefusal(diagnostic, log);
    events.publish(refusedEvent(diagnostic));
  }

  dtlsDiagnosed(diagnostic: DtlsDiagnostic): void {
    if (!isHandshakeFailure(diagnostic) || !this.#allowance.take()) return;
    const { log } = this.#options;
    this.#tell(diagnostic).catch((error: unknown) => {
      log.error({ reason: String(error) }, 'could not find out whose handshake failed');
    });
  }

  async #tell(diagnostic: Parameters<typeof handshakeFailure>[0]): Promise<void> {
    const { store, events, log } = this.#options;
    const failure = await handshakeFailure(diagnostic, store);
    logHandshakeFailure(failure, log);
    events.publish(handshakeFailedEvent(failure, now()));
  }
}
