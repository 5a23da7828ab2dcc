import type { DtlsDiagnostic } from '@dunlin/node';
import { Counter, Gauge, type Registry } from 'prom-client';

/** The metrics of CoAP over DTLS. */
export class DtlsMetrics {
  readonly #associations: Gauge;
  readonly #handshakes: Counter<'outcome'>;
  readonly #ended: Counter<'reason'>;
  readonly #passedOver: Counter<'problem'>;
  readonly #failures: Counter<'kind'>;

  constructor(registers: Registry[]) {
    this.#associations = new Gauge({
      name: 'dunlin_dtls_associations',
      help: 'Secure associations with devices.',
      registers,
    });
    this.#handshakes = new Counter({
      name: 'dunlin_dtls_handshakes_total',
      help: 'Handshakes by outcome: full or resumed for those that were made, or why they failed.',
      labelNames: ['outcome'],
      registers,
    });
    this.#ended = new Counter({
      name: 'dunlin_dtls_associations_ended_total',
      help: 'Secure associations that ended, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#passedOver = new Counter({
      name: 'dunlin_dtls_passed_over_total',
      help: 'Traffic that was passed over, by the problem it had.',
      labelNames: ['problem'],
      registers,
    });
    this.#failures = new Counter({
      name: 'dunlin_dtls_failures_total',
      help: 'What did not work here: look-ups of credentials, the saved state, datagrams that were not sent.',
      labelNames: ['kind'],
      registers,
    });
  }

  diagnosed(diagnostic: DtlsDiagnostic): void {
    switch (diagnostic.kind) {
      case 'established':
        this.#associations.inc();
        this.#handshakes.inc({ outcome: diagnostic.isResumed ? 'resumed' : 'full' });
        return;
      case 'state-restored':
        this.#associations.inc(diagnostic.associations);
        return;
      case 'closed':
        this.#associations.dec();
        this.#ended.inc({ reason: diagnostic.reason });
        return;
      case 'failed':
        this.#handshakes.inc({ outcome: diagnostic.reason });
        return;
      case 'passed-over':
        this.#passedOver.inc({ problem: diagnostic.problem });
        return;
      case 'not-sent':
      case 'lookup-failed':
      case 'key-log-failed':
      case 'state-not-restored':
      case 'state-not-saved':
        this.#failures.inc({ kind: diagnostic.kind });
        return;
      case 'claimed':
      case 'address-changed':
      case 'keys-are-logged':
      case 'state-saved':
        return;
    }
  }
}
