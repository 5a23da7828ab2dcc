import { milliseconds } from '@dunlin/base';
import { now } from '@dunlin/node';
import type { ObjectDefinitions } from '@dunlin/lwm2m';
import type {
  DeviceStore,
  FleetStore,
  LwM2mServer,
  ReachabilityFacts,
  Reachability,
  RegistrationStore,
  ValuesKnownEvent,
  Registration,
} from '@dunlin/server';
import { stringifyJson } from '@dunlin/api';
import type { Logger } from 'pino';

import { deviceToSummary, type SummaryReading } from '../http/device-to-summary.ts';
import { Occasional } from '../server/occasional.ts';
import { factsIn, FactReader } from './fact-reader.ts';
import { FleetIndex } from './fleet-index.ts';
import { FleetKeeper } from './fleet-keeper.ts';

export interface FleetOptions {
  readonly store: FleetStore;
  readonly registrations: RegistrationStore;
  readonly devices: DeviceStore;
  readonly definitions: ObjectDefinitions;
  /** Whether devices are asked for what they are once they have registered. */
  readonly readsFacts: boolean;
  readonly log: Logger;
}

/** The devices of a server, to be found. */
export interface Fleet extends AsyncDisposable {
  readonly index: FleetIndex;
  readonly keeper: FleetKeeper;
}

/** How many registrations are taken up in one turn of the event loop. */
const perTurn = 1000;

/** Takes up what is kept of a fleet and what is registered, and follows the server from then on. Takes the store over. */
export async function openFleet(server: LwM2mServer, options: Readonly<FleetOptions>): Promise<Fleet> {
  const { store, registrations, definitions, log, readsFacts } = options;
  const failures = new Occasional(milliseconds(60_000), now);
  const keeper = new FleetKeeper(store, {
    async describe(endpointName) {
      const registration = await registrations.findByEndpoint(endpointName);
      return registration && endedDocument(registration, { definitions, known: index });
    },
    onError(error) {
      const times = failures.happened();
      if (times === undefined) return;
      log.error(
        { reason: String(error), times },
        'what is known of devices could not be written; it is tried again',
      );
    },
  });
  const index = new FleetIndex({
    now,
    reachabilityOf: (facts: ReachabilityFacts): Reachability => server.reachabilityOf(facts),
    changed: (entry) => keeper.changed(entry),
    forgotten: (endpointName) => {
      keeper
        .remove(endpointName)
        .catch((error: unknown) => log.error({ reason: String(error) }, 'a device could not be forgotten'));
    },
  });
  const subscriptions = new DisposableStack();
  const reader = subscriptions.use(new FactReader({ server, index, now }));
  for (const record of store.all()) index.load(record);
  follow(server, {
    index,
    definitions,
    subscriptions,
    reader: readsFacts ? reader : undefined,
  });
  let after: string | undefined;
  for (;;) {
    const page = await registrations.page({ after, limit: perTurn });
    for (const registration of page) index.registered(registration);
    after = page.at(-1)?.endpointName;
    if (after === undefined) break;
    await new Promise(setImmediate);
  }
  await countOperations(options.devices, index);
  return {
    index,
    keeper,
    async [Symbol.asyncDispose]() {
      subscriptions.dispose();
      await keeper[Symbol.asyncDispose]();
    },
  };
}

interface Following {
  readonly index: FleetIndex;
  readonly definitions: ObjectDefinitions;
  readonly subscriptions: DisposableStack;
  readonly reader: FactReader | undefined;
}

function follow(server: LwM2mServer, { index, definitions, subscriptions, reader }: Following): void {
  const ended = ({ registration }: { readonly registration: Registration }): void =>
    index.ended(registration, endedDocument(registration, { definitions, known: index }));
  const learned = ({ endpoint, values }: ValuesKnownEvent): void => {
    index.heard(endpoint, now());
    const facts = factsIn(values);
    if (facts !== undefined) index.learned(endpoint, facts, now());
  };
  subscriptions.use(
    server.registered.subscribe(({ registration }) => {
      index.registered(registration);
      reader?.registered(registration);
    }),
  );
  subscriptions.use(server.updated.subscribe(({ registration }) => index.updated(registration)));
  subscriptions.use(server.deregistered.subscribe(ended));
  subscriptions.use(server.expired.subscribe(ended));
  subscriptions.use(server.valuesKnown.subscribe(learned));
  subscriptions.use(server.operationQueued.subscribe(({ endpointName }) => index.queued(endpointName, 1)));
  subscriptions.use(server.operationFinished.subscribe(({ endpointName }) => index.queued(endpointName, -1)));
}

/** What is shown of a registration once it has ended. */
function endedDocument(registration: Registration, reading: SummaryReading): string {
  return stringifyJson(deviceToSummary(registration, 'gone', reading));
}

/** More operations of one device than its queue takes. */
const maxQueued = 10_000;

async function countOperations(devices: DeviceStore, index: FleetIndex): Promise<void> {
  const states = new Set(['waiting', 'sent'] as const);
  for (const endpointName of await devices.endpointsWithOpenOperations()) {
    const open = await devices.operationsOf(endpointName, { limit: maxQueued, states });
    index.setQueued(endpointName, open.length);
  }
}
