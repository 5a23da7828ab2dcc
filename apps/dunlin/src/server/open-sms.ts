import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Instant, type Secret, StorageError, UsageError } from '@dunlin/base';
import type { Binding } from '@dunlin/coap';
import {
  deviceDtlsCredentials,
  dtls,
  type DtlsDiagnostic,
  savedStateFile,
  sms,
  type SmsBinding,
  smsDtlsProtocol,
  type SmppCarrier,
  type SmppTlsOptions,
  sqliteSmsStore,
  type UnprotectedMessages,
} from '@dunlin/node';
import { type DeviceCredentials, type ServerSmsOptions, SmsNumbers } from '@dunlin/server';
import type { RunningCarrier } from '@dunlin/sms';
import type { Logger } from 'pino';

import type { SmppSettings } from '../config/smpp-settings.ts';
import type { SmsSettings, Unprotected } from '../config/sms-settings.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import { openAccount, openModem } from '../sms/open-carrier.ts';
import { logSmsDiagnostic } from './log-sms.ts';
import type { StoreWatch } from './store-watch.ts';

/** What short messages are opened with. */
export interface SmsParts {
  readonly settings: SmsSettings;
  /** The data folder. */
  readonly folder: string;
  readonly masterKey: Secret;
  /** The password of the account as text, if it is given as such. */
  readonly password: string | undefined;
  readonly credentials: DeviceCredentials;
  readonly storeWatch: Pick<StoreWatch, 'add'>;
  readonly onDtlsDiagnostic: (diagnostic: DtlsDiagnostic) => void;
  readonly log: Logger;
}

/** Short messages of the server, until they are disposed; nothing is sent or received before `listen` is opened. */
export interface OpenedSms extends AsyncDisposable {
  readonly binding: SmsBinding;
  readonly carrier: RunningCarrier;
  /** The session with the message centre; `undefined` with a modem. */
  readonly session: SmppCarrier | undefined;
  readonly numbers: SmsNumbers;
  /** For the server: with DTLS, and without unless nothing goes that way. */
  readonly listen: readonly Binding[];
  readonly server: ServerSmsOptions;
}

/** Opens what is kept of short messages in the data folder, and what they go over. */
export async function openSms(parts: Readonly<SmsParts>): Promise<OpenedSms> {
  const { settings, folder, log } = parts;
  try {
    await using opened = new AsyncDisposableStack();
    const store = opened.use(await sqliteSmsStore({ path: join(folder, 'sms.sqlite') }));
    parts.storeWatch.add('sms.sqlite', store);
    const numbers = opened.use(await SmsNumbers.open(store.numbers, settings.policy));
    const { carrier, session, window } = await openCarrier(parts);
    const { perSecond, perDay, perDevicePerDay, answersPerDay, answersPerDevicePerDay } = settings;
    const binding = sms({
      carrier,
      number: settings.number,
      unprotected: unprotectedMessages[settings.unprotected],
      isAllowed: (number) => numbers.isAllowed(number),
      limits: { maxParts: settings.maxParts, ...(window !== undefined && { maxInFlight: window }) },
      budgets: { perSecond, perDay, perDevicePerDay, answersPerDay, answersPerDevicePerDay },
      outbox: store.outbox,
      receivedRequests: store.receivedRequests,
      onDiagnostic: (diagnostic) => logSmsDiagnostic(diagnostic, log),
    });
    const secured = securedBinding(binding, parts);
    const all = opened.move();
    return {
      binding,
      carrier,
      session,
      numbers,
      listen: settings.unprotected === 'nothing' ? [secured] : [binding, secured],
      server: { numbers, unprotected: settings.unprotected, sentTriggers: () => sentTriggers(binding) },
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  } catch (error) {
    if (error instanceof StorageError)
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    if (error instanceof UsageError) throw new ProgramError(ExitCode.usage, error.message, { cause: error });
    throw error;
  }
}

/** What short messages go over, and how many of them it may be asked for at once. */
interface OpenedCarrier extends Pick<OpenedSms, 'carrier' | 'session'> {
  /** `undefined` where that is left to the link. */
  readonly window: number | undefined;
}

async function openCarrier({ settings, password = '' }: Readonly<SmsParts>): Promise<OpenedCarrier> {
  const { carrier: access, number, countryCode, perSecond } = settings;
  if (access.kind === 'modem') {
    const use = countryCode === undefined ? {} : { countryCode };
    return { carrier: await openModem(access, textOf, use), session: undefined, window: undefined };
  }
  const { bind, systemType, serviceType, dataCoding, validityFormat, ownKind, deviceKind, window } = access;
  const tls = await tlsOf(access);
  const session = await openAccount(access, textOf, {
    // An account without a password is rare, but is.
    password,
    ...(tls !== undefined && { tls }),
    source: { ...ownKind, digits: number },
    destination: deviceKind,
    limits: { window, transactionsPerSecond: perSecond },
    bind,
    systemType,
    serviceType,
    dataCoding,
    validityFormat,
    countryCode,
  });
  return { carrier: session, session, window };
}

const unprotectedMessages: Readonly<Record<Unprotected, UnprotectedMessages>> = {
  nothing: 'none',
  triggers: 'answers',
  everything: 'all',
};

function securedBinding(
  binding: SmsBinding,
  { credentials, folder, masterKey, onDtlsDiagnostic }: Readonly<SmsParts>,
): Binding {
  return dtls({
    port: 0,
    carrier: binding.records,
    connectionIdLength: 'none',
    protocol: smsDtlsProtocol,
    // No key of the server's own: what is not for pre-shared keys costs too much here.
    credentials: deviceDtlsCredentials(credentials),
    savedState: savedStateFile({ path: join(folder, 'sms-associations.sealed'), key: masterKey }),
    onDiagnostic: onDtlsDiagnostic,
  });
}

function sentTriggers(binding: SmsBinding): readonly { readonly number: string; readonly at: Instant }[] {
  return binding
    .outbox()
    .filter(({ purpose, spent }) => purpose === 'trigger' && spent > 0)
    .map(({ to, queuedAt }) => ({ number: to, at: queuedAt }));
}

/** What is unusual about the certificate of the message centre; `undefined` where nothing is. */
async function tlsOf({ caFile, serverName }: SmppSettings): Promise<SmppTlsOptions | undefined> {
  if (caFile === undefined && serverName === undefined) return undefined;
  return {
    ...(caFile !== undefined && { ca: await textOf(caFile, 'sms.ca-file') }),
    ...(serverName !== undefined && { serverName }),
  };
}

async function textOf(path: string, setting: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProgramError(ExitCode.usage, `${setting}: ${reason}`, { cause: error });
  }
}
