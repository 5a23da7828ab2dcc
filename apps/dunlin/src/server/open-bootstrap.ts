import { join } from 'node:path';

import { StorageError, TransmissionError } from '@dunlin/base';
import {
  type BootstrapConfigurationStore,
  type BootstrapDiagnostic,
  type LocalAddress,
  LwM2mBootstrapServer,
} from '@dunlin/bootstrap';
import type { Binding } from '@dunlin/coap';
import {
  type DtlsDiagnostic,
  dtlsClient,
  now,
  sqliteBootstrapConfigurationStore,
  sqliteCredentialStore,
  systemRandom,
  udp,
} from '@dunlin/node';
import { type CredentialStore, DeviceCredentials, newCredentialId } from '@dunlin/server';

import { publishBootstrapEvents } from '../events/publish-bootstrap-events.ts';
import type { BootstrapParts } from '../http/http-app.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import { tracedBinding } from '../trace/traced-binding.ts';
import { countedBinding } from './counted-binding.ts';
import type { LookedAt } from './certificate-files.ts';
import { DeviceReach } from './device-reach.ts';
import { dtlsBindings } from './dtls-bindings.ts';
import { logBootstrapEvents } from './log-bootstrap-events.ts';
import { logDtlsDiagnostic } from './log-dtls.ts';
import { logDiagnostic } from './log-server-events.ts';
import type { ManagementOptions, Registration } from './open-management.ts';
import { Refusals } from './refusals.ts';
import { type FollowedIdentity, identityDocument, loadServerIdentity } from './server-identity.ts';

export interface BootstrapOptions extends ManagementOptions {
  /** The server that runs with it, if one does. */
  readonly registration?: Registration;
}

/** A Bootstrap-Server that runs, until it is disposed. */
export interface RunningBootstrap extends AsyncDisposable {
  /** Where plain CoAP listens. */
  readonly coap: readonly LocalAddress[];
  /** Where CoAP over DTLS listens. */
  readonly coaps: readonly LocalAddress[];
  /** What devices prove themselves with at it. */
  readonly credentials: DeviceCredentials;
  readonly http: BootstrapParts;
  /** The files of its key and certificate. */
  readonly identityFiles: LookedAt;
  /** Ends sessions under way and closes its sockets; what is kept stays open for whoever is being answered. */
  stop(): Promise<void>;
}

/** The same, unless the Bootstrap-Server is to listen nowhere. */
export async function openBootstrapIfWanted(
  options: Readonly<BootstrapOptions>,
): Promise<RunningBootstrap | undefined> {
  const { bootstrapCoap, bootstrapCoaps } = options.settings;
  return bootstrapCoap.length + bootstrapCoaps.length === 0 ? undefined : await openBootstrap(options);
}

/**
 * Opens the stores of the Bootstrap-Server in the data folder, and the Bootstrap-Server. Its credentials and its key
 * pair are others than those of the server: what is good for a bootstrap is good for nothing else (1.0 §5.2.5, §7.1.2).
 */
export async function openBootstrap(options: Readonly<BootstrapOptions>): Promise<RunningBootstrap> {
  await using opened = new AsyncDisposableStack();
  const { definitions, events, metrics, log, registration } = options;
  const stores = await openStores(options);
  opened.use(stores.configurations);
  opened.use(stores.credentials);
  options.traces.addSources({ credentials: [stores.credentials] });
  const credentials = new DeviceCredentials(stores.credentials);
  const identity = opened.use(await loadBootstrapIdentity(options));
  const refusals = new Refusals({ store: stores.credentials, events, log });
  const reach = new DeviceReach(stores.credentials, identity);
  const { listen, connect } = bindings(options, { credentials, identity, refusals, reach });
  const server = opened.use(
    await told(() =>
      LwM2mBootstrapServer.open({
        listen,
        connect,
        configurations: stores.configurations,
        credentials,
        issuer: registration?.issuer,
      }),
    ),
  );
  opened.use(publishBootstrapEvents(server, (event) => events.publish(event)));
  opened.use(logBootstrapEvents(server, log));
  opened.use(metrics.countBootstraps(server));
  const diagnosed = (diagnostic: BootstrapDiagnostic): void => {
    metrics.diagnosed(diagnostic);
    logDiagnostic(diagnostic, log);
    refusals.diagnosed(diagnostic);
  };
  opened.use(server.diagnostics.subscribe(diagnosed));
  const coaps = server.local.filter(({ uri }) => uri.startsWith('coaps:'));
  const resources = opened.move();
  return {
    coap: server.local.filter(({ uri }) => uri.startsWith('coap:')),
    coaps,
    credentials,
    http: {
      server,
      configurations: stores.configurations,
      definitions,
      now,
      own: ownOf(registration),
      canIssue: registration !== undefined,
      addressOf: registration?.addressOf ?? (() => Promise.resolve(undefined)),
      expect: (endpoint, uri) => reach.expect(endpoint, uri),
      security: { credentials, newCredentialId: () => newCredentialId(systemRandom()), now },
      identity: () => identityDocument(identity, coaps),
    },
    identityFiles: identity.files,
    stop: () => server.close(),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What devices know the server by that runs with it, as it is when somebody asks. */
function ownOf(registration: Registration | undefined): BootstrapParts['own'] {
  return {
    get publicKey() {
      return registration?.identity.rawPublicKey.publicKey;
    },
    get certificate() {
      return registration?.identity.certificate?.chain[0];
    },
  };
}

/** What the Bootstrap-Server proves itself with to devices that do not use a pre-shared key. */
function loadBootstrapIdentity({
  settings,
  folder,
  log,
}: Readonly<BootstrapOptions>): Promise<FollowedIdentity> {
  const { bootstrapKey: keyFile, bootstrapCertificate: certificateFile } = settings;
  const name = 'the Bootstrap-Server';
  return loadServerIdentity({ name, folder, keyName: 'bootstrap-key.pem', keyFile, certificateFile }, log);
}

interface Stores {
  readonly configurations: BootstrapConfigurationStore;
  readonly credentials: CredentialStore;
}

async function openStores({ folder, masterKey, storeWatch }: Readonly<BootstrapOptions>): Promise<Stores> {
  return await told(async () => {
    const path = join(folder, 'bootstrap.sqlite');
    const configurations = storeWatch.add(
      'bootstrap.sqlite',
      await sqliteBootstrapConfigurationStore({ path, masterKey }),
    );
    try {
      const name = 'bootstrap-credentials.sqlite';
      const credentials = await sqliteCredentialStore({ path: join(folder, name), masterKey });
      return { configurations, credentials: storeWatch.add(name, credentials) };
    } catch (error) {
      await configurations[Symbol.asyncDispose]();
      throw error;
    }
  });
}

interface SecureParts {
  readonly credentials: DeviceCredentials;
  readonly identity: FollowedIdentity;
  readonly refusals: Refusals;
  readonly reach: DeviceReach;
}

/** Where the Bootstrap-Server listens, and what it reaches for devices with that wait for it. */
interface Bindings {
  readonly listen: readonly Binding[];
  readonly connect: readonly Binding[];
}

function bindings(
  { settings, folder, masterKey, traces, metrics, log }: Readonly<BootstrapOptions>,
  { credentials, identity, refusals, reach }: SecureParts,
): Bindings {
  const onError = ({ message }: Error): void => log.info({ reason: message }, 'the network said no');
  const plain = settings.bootstrapCoap.map(({ host, port }) => udp({ address: host, port, onError }));
  const diagnosed = (diagnostic: DtlsDiagnostic): void => {
    metrics.dtlsDiagnosed(diagnostic);
    logDtlsDiagnostic(diagnostic, log);
    refusals.dtlsDiagnosed(diagnostic);
    traces.dtlsDiagnosed(diagnostic, 'bootstrap');
  };
  const secure = dtlsBindings({
    addresses: settings.bootstrapCoaps,
    credentials,
    identity,
    folder,
    // Every bootstrap begins with a handshake of its own: associations need not outlive the process.
    stateName: undefined,
    masterKey,
    extendedMasterSecret: settings.extendedMasterSecret,
    keyLog: settings.keyLog,
    onDiagnostic: diagnosed,
    onError,
    log,
  });
  const outward = settings.bootstrapCoaps.slice(0, 1).map(({ host }) =>
    dtlsClient({
      address: host,
      port: 0,
      credentialFor: (to, port) => reach.credentialFor(to, port),
      onDiagnostic: diagnosed,
      onError,
    }),
  );
  const watched = (binding: Binding): Binding =>
    countedBinding(tracedBinding(binding, traces, 'bootstrap'), metrics);
  return { listen: [...plain, ...secure].map(watched), connect: outward.map(watched) };
}

/** Errors whose one line says what is wrong, as errors of the program. */
async function told<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof TransmissionError || error instanceof StorageError) {
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    }
    throw error;
  }
}
