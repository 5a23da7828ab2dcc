import { type Secret, StorageError, TransmissionError } from '@dunlin/base';
import type { SecurityIssuer } from '@dunlin/bootstrap';
import type { Binding } from '@dunlin/coap';
import { endpointPattern, type ObjectDefinitions } from '@dunlin/lwm2m';
import { addressToward, type DtlsDiagnostic, formatHostAndPort, now, systemRandom, udp } from '@dunlin/node';
import {
  DeviceCredentials,
  type LocalAddress,
  LwM2mServer,
  newCredentialId,
  type RegistrationStore,
} from '@dunlin/server';
import type { Logger } from 'pino';

import type { ServerSettings } from '../config/server-settings.ts';
import type { SmsSettings } from '../config/sms-settings.ts';
import type { EventHub } from '../events/event-hub.ts';
import { publishServerEvents } from '../events/publish-server-events.ts';
import type { FleetIndex } from '../fleet/fleet-index.ts';
import type { ServerParts } from '../http/http-app.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import { HandshakeCounts } from '../overview/open-activity.ts';
import { tracedBinding } from '../trace/traced-binding.ts';
import type { Traces } from '../trace/traces.ts';
import { AccountIssuer } from './account-issuer.ts';
import type { LookedAt } from './certificate-files.ts';
import { countedBinding } from './counted-binding.ts';
import { dtlsBindings } from './dtls-bindings.ts';
import { logDtlsDiagnostic } from './log-dtls.ts';
import { logDiagnostic, logServerEvents } from './log-server-events.ts';
import { openCredentials } from './open-credentials.ts';
import { FirmwareListeners } from './firmware-listeners.ts';
import { openRecords } from './open-records.ts';
import { type OpenedSms, openSms } from './open-sms.ts';
import { openStores, type Stores } from './open-store.ts';
import { Refusals } from './refusals.ts';
import {
  type FollowedIdentity,
  identityDocument,
  loadServerIdentity,
  type ServerIdentity,
} from './server-identity.ts';
import type { ServerMetrics } from './server-metrics.ts';
import type { StoreWatch } from './store-watch.ts';

/** What a server and a Bootstrap-Server are opened with. */
export interface ManagementOptions {
  readonly settings: ServerSettings;
  /** The data folder. */
  readonly folder: string;
  /** What keys are sealed with there. */
  readonly masterKey: Secret;
  /** The password of the account at the message centre, if it is given as text. */
  readonly smppPassword?: string | undefined;
  readonly definitions: ObjectDefinitions;
  readonly events: EventHub;
  readonly traces: Traces;
  readonly metrics: ServerMetrics;
  readonly storeWatch: StoreWatch;
  readonly log: Logger;
}

/** The server that devices register with, as a Bootstrap-Server beside it has it. */
export interface Registration {
  /** Makes keys of accounts of that server. */
  readonly issuer: SecurityIssuer;
  /** What devices know that server by. */
  readonly identity: ServerIdentity;
  /** Where a device is that is registered without security. */
  readonly addressOf: (endpoint: string) => Promise<string | undefined>;
}

/** The server that devices register with, until it is disposed. */
export interface RunningManagement extends AsyncDisposable {
  /** Where plain CoAP listens. */
  readonly coap: readonly LocalAddress[];
  /** Where CoAP over DTLS listens. */
  readonly coaps: readonly LocalAddress[];
  /** Where images are given to devices by HTTP, as URLs. */
  readonly firmware: readonly string[];
  /** Our number and the message centre of short messages, for people; `undefined` without. */
  readonly sms: string | undefined;
  readonly credentials: DeviceCredentials;
  readonly http: ServerParts;
  /** What a Bootstrap-Server beside it has of it. */
  readonly registration: Registration;
  /** The files of its key and certificate. */
  readonly identityFiles: LookedAt;
  /** Ends what is under way and closes its sockets; what is kept stays open for whoever is being answered. */
  stop(): Promise<void>;
}

/** Opens the stores of the server in the data folder, and the server. */
export async function openManagement(options: Readonly<ManagementOptions>): Promise<RunningManagement> {
  await using opened = new AsyncDisposableStack();
  const { settings, folder, masterKey, events, log } = options;
  const stores = opened.use(await openStores(folder, settings.firmware, options.storeWatch));
  options.metrics.firmware.watchImages(stores.images, settings.firmware.totalSize);
  const { registrations } = stores;
  const credentialStore = opened.use(await openCredentials(folder, masterKey, options.storeWatch));
  const credentials = new DeviceCredentials(credentialStore);
  const identity = opened.use(await loadIdentity(options));
  const refusals = new Refusals({ store: credentialStore, events, log });
  const firmwareListeners = new FirmwareListeners();
  const handshakes = new HandshakeCounts();
  const sms = await openSmsIfWanted(options, { credentials, refusals, handshakes });
  if (sms !== undefined) opened.use(sms);
  const parts = { stores, firmwareListeners, credentials, identity, refusals, handshakes, sms };
  const server = opened.use(await openServer(options, parts));
  options.traces.addSources({ registrations, credentials: [credentialStore] });
  opened.use(firmwareListeners);
  const records = opened.use(await openRecords(server, stores, { ...options, handshakes }));
  opened.use(watch(server, { ...options, registrations, refusals, known: records.shown.fleet.index }));
  const { firmware } = server;
  await firmwareListeners.open(settings.firmware, identity, {
    firmware,
    observer: options.metrics,
    log,
  });
  const secureOnes = server.local.filter(({ uri }) => uri.startsWith('coaps:'));
  const security = { credentials, newCredentialId: () => newCredentialId(systemRandom()), now };
  const issuer = new AccountIssuer({
    ...security,
    get serverPublicKey() {
      return identity.rawPublicKey.publicKey;
    },
    log,
  });
  const resources = opened.move();
  return {
    coap: server.local.filter(({ uri }) => uri.startsWith('coap:')),
    coaps: secureOnes,
    firmware: firmwareListeners.urls,
    sms: settings.sms && placeOf(settings.sms),
    credentials,
    http: {
      server,
      ...records.shown,
      firmwareImageSize: settings.firmware.imageSize,
      security,
      identity: () => identityDocument(identity, secureOnes),
      ...(sms === undefined
        ? {}
        : { sms: { ...sms, unprotected: sms.server.unprotected ?? 'triggers', now } }),
    },
    registration: { issuer, identity, addressOf: addressIn(server) },
    identityFiles: identity.files,
    async stop() {
      await Promise.all([server.close(), firmwareListeners[Symbol.asyncDispose]()]);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What the server proves itself with to devices that do not use a pre-shared key. */
function loadIdentity({ settings, folder, log }: Readonly<ManagementOptions>): Promise<FollowedIdentity> {
  const { serverKey: keyFile, serverCertificate: certificateFile } = settings;
  return loadServerIdentity({ name: 'the server', folder, keyFile, certificateFile }, log);
}

/** Where a device may be waiting for a bootstrap: where it registered from, unless that needs an association. */
function addressIn(server: LwM2mServer): (endpoint: string) => Promise<string | undefined> {
  return async (endpoint) => {
    const peer = (await server.device(endpoint).registration())?.peer;
    return peer?.security.kind === 'none'
      ? `coap://${formatHostAndPort(peer.address, peer.port)}`
      : undefined;
  };
}

interface Watchers extends ManagementOptions {
  readonly refusals: Refusals;
  readonly registrations: RegistrationStore;
  /** What is known of devices beside their registrations. */
  readonly known: FleetIndex;
}

/** Tells events, metrics and the log what happens on the server, until disposed. */
function watch(server: LwM2mServer, watchers: Readonly<Watchers>): Disposable {
  const { definitions, events, traces, metrics, refusals, registrations, known, log } = watchers;
  const subscriptions = new DisposableStack();
  subscriptions.use(publishServerEvents(server, definitions, (event) => events.publish(event), known));
  for (const signal of [server.registered, server.updated])
    subscriptions.use(signal.subscribe(({ registration }) => traces.registered(registration)));
  subscriptions.use(metrics.count(server));
  subscriptions.use(logServerEvents(server, log));
  const diagnostics = server.diagnostics.subscribe((diagnostic) => {
    metrics.diagnosed(diagnostic);
    logDiagnostic(diagnostic, log);
    refusals.diagnosed(diagnostic);
  });
  subscriptions.use(diagnostics);
  metrics.watch({
    registrations: async () => registrations.count(),
    eventSubscribers: () => events.subscriberCount,
  });
  return subscriptions;
}

/** Where our number is, for people. */
function placeOf({ number, carrier }: SmsSettings): string {
  return `${number} at ${carrier.kind === 'smpp' ? carrier.url : carrier.path}`;
}

/** Short messages, with their metrics, when there is something that they go over. */
async function openSmsIfWanted(
  options: Readonly<ManagementOptions>,
  { credentials, ...told }: Pick<OpenParts, 'credentials' | 'refusals' | 'handshakes'>,
): Promise<OpenedSms | undefined> {
  const { settings, folder, masterKey, smppPassword: password, storeWatch, metrics, log } = options;
  if (settings.sms === undefined) return undefined;
  const onDtlsDiagnostic = dtlsObserver(options, told);
  const parts = {
    settings: settings.sms,
    folder,
    masterKey,
    password,
    credentials,
    storeWatch,
    onDtlsDiagnostic,
    log,
  };
  const opened = await openSms(parts);
  metrics.watchSms(opened.binding, opened.session);
  return opened;
}

interface OpenParts {
  readonly stores: Stores;
  readonly firmwareListeners: FirmwareListeners;
  readonly credentials: DeviceCredentials;
  readonly identity: FollowedIdentity;
  readonly refusals: Refusals;
  readonly sms: OpenedSms | undefined;
  readonly handshakes: HandshakeCounts;
}

async function openServer(options: Readonly<ManagementOptions>, parts: OpenParts): Promise<LwM2mServer> {
  const { settings, definitions, traces, metrics, log } = options;
  const { stores, credentials } = parts;
  const { registrations: store, devices: deviceStore, images } = stores;
  const onError = (error: Error): void => logNetworkError(error, log);
  const plain = settings.coap.map(({ host, port }) => udp({ address: host, port, onError }));
  const overSms = parts.sms?.listen ?? [];
  const listen = [...plain, ...secureBindings(options, parts), ...overSms].map((binding) =>
    countedBinding(tracedBinding(binding, traces, 'management'), metrics),
  );
  const reusing = settings.reuseToken.map(endpointPattern);
  const reusesToken = (endpointName: string): boolean => reusing.some((fits) => fits(endpointName));
  try {
    return await LwM2mServer.open({
      listen,
      store,
      deviceStore,
      credentials,
      definitions,
      reusesToken,
      sms: parts.sms?.server,
      firmware: {
        images,
        uris: settings.firmware.uris,
        listeners: () => parts.firmwareListeners.listeners,
        addressToward: ({ address, port }) => addressToward(address, port),
      },
    });
  } catch (error) {
    if (error instanceof TransmissionError || error instanceof StorageError) {
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    }
    throw error;
  }
}

function secureBindings(
  options: Readonly<ManagementOptions>,
  { credentials, identity, refusals, handshakes }: OpenParts,
): readonly Binding[] {
  const { settings, folder, masterKey, log } = options;
  return dtlsBindings({
    addresses: settings.coaps,
    credentials,
    identity,
    folder,
    stateName: 'associations',
    masterKey,
    extendedMasterSecret: settings.extendedMasterSecret,
    keyLog: settings.keyLog,
    onDiagnostic: dtlsObserver(options, { refusals, handshakes }),
    onError: (error) => logNetworkError(error, log),
    log,
  });
}

/** Tells metrics, log, events and traces what happens over DTLS. */
function dtlsObserver(
  { metrics, traces, log }: Readonly<ManagementOptions>,
  { refusals, handshakes }: Pick<OpenParts, 'refusals' | 'handshakes'>,
): (diagnostic: DtlsDiagnostic) => void {
  return (diagnostic) => {
    metrics.dtlsDiagnosed(diagnostic);
    logDtlsDiagnostic(diagnostic, log);
    refusals.dtlsDiagnosed(diagnostic);
    handshakes.diagnosed(diagnostic);
    traces.dtlsDiagnosed(diagnostic, 'management');
  };
}

function logNetworkError({ message }: Error, log: Logger): void {
  log.info({ reason: message }, 'the network said no');
}
