import type { BootstrapDiagnostic } from '@dunlin/bootstrap';
import type { DtlsDiagnostic } from '@dunlin/node';
import type { ServerDiagnostic } from '@dunlin/server';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import type { MetricsPage } from '../http/health-routes.ts';
import type { HttpObserver } from '../http/http-app.ts';
import type { ManagedBootstrapServer } from '../http/managed-bootstrap-server.ts';
import type { ManagedServer } from '../http/managed-server.ts';
import type { DatagramObserver } from './counted-binding.ts';
import { DtlsMetrics } from './dtls-metrics.ts';
import { FirmwareMetrics } from './firmware-metrics.ts';
import { HistoryMetrics } from './history-metrics.ts';
import { addSmsMetrics, type CountedSession, type CountedSms } from './sms-metrics.ts';

/** Where the gauges of the server are read when somebody asks for the metrics. */
export interface MetricsSources {
  registrations(): Promise<number>;
  eventSubscribers(): number;
}

/** Bounds in seconds: a device in the same room, one on a slow network, one that sleeps, one that is gone (93 s). */
const operationBuckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** The metrics of a server, in the form of Prometheus. */
export class ServerMetrics implements DatagramObserver, HttpObserver, MetricsPage {
  readonly #registry = new Registry();
  readonly #registers = [this.#registry];
  readonly #datagrams = new Counter({
    name: 'dunlin_coap_datagrams_total',
    help: 'CoAP datagrams received (in) and sent (out).',
    labelNames: ['direction'],
    registers: this.#registers,
  });
  readonly #bytes = new Counter({
    name: 'dunlin_coap_bytes_total',
    help: 'Bytes of CoAP datagrams received (in) and sent (out).',
    labelNames: ['direction'],
    registers: this.#registers,
  });
  readonly #malformed = new Counter({
    name: 'dunlin_coap_malformed_total',
    help: 'Datagrams that are no CoAP message, by the rule they break.',
    labelNames: ['reason'],
    registers: this.#registers,
  });
  readonly #operations = new Histogram({
    name: 'dunlin_operation_seconds',
    help: 'Operations asked of devices, by outcome: ok, or the word of the error.',
    labelNames: ['operation', 'outcome'],
    buckets: operationBuckets,
    registers: this.#registers,
  });
  readonly #registrationEvents = new Counter({
    name: 'dunlin_registration_events_total',
    help: 'Registrations made, updated, given up and expired.',
    labelNames: ['event'],
    registers: this.#registers,
  });
  readonly #notifications = new Counter({
    name: 'dunlin_notifications_total',
    help: 'Notifications of devices that reached the applications.',
    registers: this.#registers,
  });
  readonly #queuedOperations = new Counter({
    name: 'dunlin_queued_operations_total',
    help: 'Operations that were accepted for devices (queued), sent to them, and how they ended.',
    labelNames: ['state'],
    registers: this.#registers,
  });
  readonly #diagnostics = new Counter({
    name: 'dunlin_diagnostics_total',
    help: 'What the server noticed and nobody is answered, by kind.',
    labelNames: ['kind'],
    registers: this.#registers,
  });
  readonly #bootstraps = new Counter({
    name: 'dunlin_bootstrap_sessions_total',
    help: 'Bootstraps that ended, by outcome: finished, or the kind of the failure.',
    labelNames: ['outcome'],
    registers: this.#registers,
  });
  readonly #httpRequests = new Counter({
    name: 'dunlin_http_requests_total',
    help: 'Answered HTTP requests by route and status.',
    labelNames: ['method', 'route', 'status'],
    registers: this.#registers,
  });

  readonly #dtls = new DtlsMetrics(this.#registers);
  readonly firmware: FirmwareMetrics = new FirmwareMetrics(this.#registers);
  readonly history: HistoryMetrics = new HistoryMetrics(this.#registers);

  /** Counts what is sent and received as short messages. */
  watchSms(binding: CountedSms, session: CountedSession | undefined): void {
    addSmsMetrics(this.#registers, binding, session);
  }

  /** Adds the metrics of the process, the delay of its event loop among them. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Adds which stores take changes. */
  watchStores(stores: { found(): Iterable<readonly [name: string, isWritable: boolean]> }): void {
    void new Gauge({
      name: 'dunlin_store_writable',
      help: '1 while a store in the data folder takes changes, as of a minute ago at most.',
      labelNames: ['store'],
      registers: this.#registers,
      collect() {
        for (const [store, isWritable] of stores.found()) this.set({ store }, isWritable ? 1 : 0);
      },
    });
  }

  /** Adds what is read only when it is asked for. */
  watch(sources: MetricsSources): void {
    const registers = this.#registers;
    void new Gauge({
      name: 'dunlin_registrations',
      help: 'Registered devices.',
      registers,
      async collect() {
        this.set(await sources.registrations());
      },
    });
    void new Gauge({
      name: 'dunlin_event_subscribers',
      help: 'Readers of the event stream.',
      registers,
      collect() {
        this.set(sources.eventSubscribers());
      },
    });
  }

  /** Counts what happens on the server, until disposed. */
  count(server: ManagedServer): Disposable {
    const subscriptions = new DisposableStack();
    const count = (event: string) => (): void => this.#registrationEvents.inc({ event });
    subscriptions.use(server.registered.subscribe(count('registered')));
    subscriptions.use(server.updated.subscribe(count('updated')));
    subscriptions.use(server.deregistered.subscribe(count('deregistered')));
    subscriptions.use(server.expired.subscribe(count('expired')));
    subscriptions.use(server.notified.subscribe(() => this.#notifications.inc()));
    subscriptions.use(this.firmware.count(server));
    const { operationQueued, operationSent, operationFinished } = server;
    const change = (state: string) => (): void => this.#queuedOperations.inc({ state });
    subscriptions.use(operationQueued.subscribe(change('queued')));
    subscriptions.use(operationSent.subscribe(change('sent')));
    subscriptions.use(
      operationFinished.subscribe(({ state }) => this.#queuedOperations.inc({ state: state.kind })),
    );
    return subscriptions;
  }

  /** Counts how bootstraps end, until disposed. */
  countBootstraps(server: Pick<ManagedBootstrapServer, 'finished' | 'failed'>): Disposable {
    const subscriptions = new DisposableStack();
    subscriptions.use(server.finished.subscribe(() => this.#bootstraps.inc({ outcome: 'finished' })));
    subscriptions.use(
      server.failed.subscribe(({ session }) =>
        this.#bootstraps.inc({ outcome: session.failure?.kind ?? 'failed' }),
      ),
    );
    return subscriptions;
  }

  diagnosed({ kind }: ServerDiagnostic | BootstrapDiagnostic): void {
    this.#diagnostics.inc({ kind });
  }

  dtlsDiagnosed(diagnostic: DtlsDiagnostic): void {
    this.#dtls.diagnosed(diagnostic);
  }

  received(bytes: number): void {
    this.#datagrams.inc({ direction: 'in' });
    this.#bytes.inc({ direction: 'in' }, bytes);
  }

  sent(bytes: number): void {
    this.#datagrams.inc({ direction: 'out' });
    this.#bytes.inc({ direction: 'out' }, bytes);
  }

  malformed(reason: string): void {
    this.#malformed.inc({ reason });
  }

  operationEnded(operation: string, outcome: string, duration: number): void {
    this.#operations.observe({ operation, outcome }, duration);
  }

  requestEnded(method: string, route: string, status: number): void {
    this.#httpRequests.inc({ method, route, status });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  metrics(): Promise<string> {
    return this.#registry.metrics();
  }
}
