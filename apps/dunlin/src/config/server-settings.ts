import { TomlError, parse as parseToml } from 'smol-toml';
import { Type } from 'typebox';
import * as Value from 'typebox/value';

import { didYouMean } from '../program/suggestion.ts';
import { type ExtendedMasterSecretMode, extendedMasterSecretModes } from './extended-master-secret.ts';
import {
  type FirmwareSettings,
  firmwareSettings,
  FirmwareTable,
  type FirmwareTexts,
  firmwareTextsOf,
  firmwareTextsOfEnvironment,
} from './firmware-settings.ts';
import {
  type HistorySettings,
  historySettings,
  HistoryTable,
  type HistoryTexts,
  historyTextsOf,
  historyTextsOfEnvironment,
} from './history-settings.ts';
import {
  httpFileSettings,
  type HttpSettings,
  httpSettings,
  type HttpTexts,
  httpTextsOf,
} from './http-settings.ts';
import { addressFrom, type Found, listFrom, nowhere, usage, wordFrom } from './setting-text.ts';
import {
  type SmsSettings,
  smsSettings,
  SmsTable,
  type SmsTexts,
  smsTextsOf,
  smsTextsOfEnvironment,
} from './sms-settings.ts';
import type { SocketAddress } from './socket-address.ts';

/** How loud the log is, from the loudest. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What `dunlin server` and `npm start` are set to. */
export interface ServerSettings {
  /** Where plain CoAP listens; nowhere when empty. */
  readonly coap: readonly SocketAddress[];
  /** Where CoAP over DTLS listens; nowhere when empty. */
  readonly coaps: readonly SocketAddress[];
  /** Where plain CoAP of the Bootstrap-Server listens; nowhere when empty. */
  readonly bootstrapCoap: readonly SocketAddress[];
  /** Where CoAP over DTLS of the Bootstrap-Server listens; nowhere when empty. */
  readonly bootstrapCoaps: readonly SocketAddress[];
  /** Where HTTP listens. */
  readonly http: SocketAddress;
  /** Names beside IP addresses and `localhost` under which HTTP may be reached while it is on loopback. */
  readonly httpNames: readonly string[];
  /** Names of endpoints, or patterns of names, whose blocks of a body all have one token. */
  readonly reuseToken: readonly string[];
  /** The folder the databases are in. */
  readonly data: string;
  /** The file of the server's private key; `undefined` for one of its own making in the data folder. */
  readonly serverKey: string | undefined;
  /** The file of the server's certificate and those above it; `undefined` for none. */
  readonly serverCertificate: string | undefined;
  /** The same of the Bootstrap-Server, whose key pair is another. */
  readonly bootstrapKey: string | undefined;
  readonly bootstrapCertificate: string | undefined;
  /** The file of the key that stored secrets are sealed with; `undefined` for the one in the data folder. */
  readonly masterKeyFile: string | undefined;
  /** Whether devices without the extended master secret of DTLS are refused. */
  readonly extendedMasterSecret: ExtendedMasterSecretMode;
  /** Where the keys of all DTLS associations are given away to; `undefined` for nowhere. */
  readonly keyLog: string | undefined;
  /** Whether devices are asked what they are (Object 3) once they have registered. */
  readonly readFacts: boolean;
  readonly logLevel: LogLevel;
  /** How HTTP is served at `http`. */
  readonly serving: HttpSettings;
  readonly firmware: FirmwareSettings;
  readonly history: HistorySettings;
  /** Short messages; `undefined` for none. */
  readonly sms: SmsSettings | undefined;
}

/** What runs with the settings: the server, with the Bootstrap-Server unless that listens nowhere, or that alone. */
export type ServingProgram = 'server' | 'bootstrap-server';

/** Settings as texts, from one source. */
export interface SettingTexts extends HttpTexts, FirmwareTexts, HistoryTexts, SmsTexts {
  readonly coap?: readonly string[] | undefined;
  readonly coaps?: readonly string[] | undefined;
  readonly bootstrapCoap?: readonly string[] | undefined;
  readonly bootstrapCoaps?: readonly string[] | undefined;
  readonly http?: string | undefined;
  readonly httpNames?: readonly string[] | undefined;
  readonly reuseToken?: readonly string[] | undefined;
  readonly data?: string | undefined;
  readonly serverKey?: string | undefined;
  readonly serverCertificate?: string | undefined;
  readonly bootstrapKey?: string | undefined;
  readonly bootstrapCertificate?: string | undefined;
  readonly masterKeyFile?: string | undefined;
  readonly extendedMasterSecret?: string | undefined;
  /** A flag and nothing else: whoever logs keys shall have asked for it this time. */
  readonly keyLog?: string | undefined;
  readonly readFacts?: string | undefined;
  readonly logLevel?: string | undefined;
}

/** Texts of all settings that have a default. */
interface DefaultTexts {
  readonly coap: readonly string[];
  readonly coaps: readonly string[];
  readonly bootstrapCoap: readonly string[];
  readonly bootstrapCoaps: readonly string[];
  readonly http: string;
  readonly httpNames: readonly string[];
  readonly reuseToken: readonly string[];
  readonly data: string;
  readonly extendedMasterSecret: string;
  readonly readFacts: string;
  readonly logLevel: string;
}

/** The values of settings that nobody set: the registered ports of CoAP, and HTTP for this machine only. */
export const serverSettingsDefaults: DefaultTexts = {
  coap: ['0.0.0.0:5683'],
  coaps: ['0.0.0.0:5684'],
  bootstrapCoap: ['0.0.0.0:5783'],
  bootstrapCoaps: ['0.0.0.0:5784'],
  http: '127.0.0.1:8080',
  httpNames: [],
  reuseToken: [],
  data: './dunlin-data',
  extendedMasterSecret: 'required',
  readFacts: 'true',
  logLevel: 'info',
};

const addresses = Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })]));
const named = Type.Optional(Type.String({ minLength: 1 }));

/** The one schema of `dunlin.toml`. */
const FileSchema = Type.Object(
  {
    coap: addresses,
    coaps: addresses,
    'bootstrap-coap': addresses,
    'bootstrap-coaps': addresses,
    http: Type.Optional(Type.String()),
    'http-names': Type.Optional(Type.Array(Type.String())),
    'reuse-token': Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    ...httpFileSettings,
    data: named,
    'server-key': named,
    'server-certificate': named,
    'bootstrap-key': named,
    'bootstrap-certificate': named,
    'master-key-file': named,
    'extended-master-secret': Type.Optional(Type.String()),
    'read-facts': Type.Optional(Type.Boolean()),
    'log-level': Type.Optional(Type.String()),
    firmware: Type.Optional(FirmwareTable),
    history: Type.Optional(HistoryTable),
    sms: Type.Optional(SmsTable),
  },
  { additionalProperties: false },
);

/** Environment variables of the settings. */
export const settingVariables = {
  coap: 'DUNLIN_COAP',
  coaps: 'DUNLIN_COAPS',
  bootstrapCoap: 'DUNLIN_BOOTSTRAP_COAP',
  bootstrapCoaps: 'DUNLIN_BOOTSTRAP_COAPS',
  http: 'DUNLIN_HTTP',
  httpNames: 'DUNLIN_HTTP_NAMES',
  reuseToken: 'DUNLIN_REUSE_TOKEN',
  httpCertificate: 'DUNLIN_HTTP_CERTIFICATE',
  httpKey: 'DUNLIN_HTTP_KEY',
  httpProxies: 'DUNLIN_HTTP_PROXIES',
  metricsAccess: 'DUNLIN_METRICS_ACCESS',
  auditDays: 'DUNLIN_AUDIT_DAYS',
  sessionIdle: 'DUNLIN_SESSION_IDLE',
  sessionLifetime: 'DUNLIN_SESSION_LIFETIME',
  data: 'DUNLIN_DATA',
  serverKey: 'DUNLIN_SERVER_KEY',
  serverCertificate: 'DUNLIN_SERVER_CERTIFICATE',
  bootstrapKey: 'DUNLIN_BOOTSTRAP_KEY',
  bootstrapCertificate: 'DUNLIN_BOOTSTRAP_CERTIFICATE',
  masterKeyFile: 'DUNLIN_MASTER_KEY_FILE',
  extendedMasterSecret: 'DUNLIN_EXTENDED_MASTER_SECRET',
  readFacts: 'DUNLIN_READ_FACTS',
  logLevel: 'DUNLIN_LOG_LEVEL',
} as const;

/** The environment variable of the master key itself; there is no flag for it, which other users could see. */
export const masterKeyVariable = 'DUNLIN_MASTER_KEY';

/** What the environment sets; lists are separated by commas. An empty variable sets nothing. */
export function settingsFromEnvironment(env: Readonly<Record<string, string | undefined>>): SettingTexts {
  const text = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  return {
    coap: listFrom(text(settingVariables.coap)),
    coaps: listFrom(text(settingVariables.coaps)),
    bootstrapCoap: listFrom(text(settingVariables.bootstrapCoap)),
    bootstrapCoaps: listFrom(text(settingVariables.bootstrapCoaps)),
    http: text(settingVariables.http),
    httpNames: listFrom(text(settingVariables.httpNames)),
    reuseToken: listFrom(text(settingVariables.reuseToken)),
    httpCertificate: text(settingVariables.httpCertificate),
    httpKey: text(settingVariables.httpKey),
    httpProxies: listFrom(text(settingVariables.httpProxies)),
    metricsAccess: text(settingVariables.metricsAccess),
    auditDays: text(settingVariables.auditDays),
    sessionIdle: text(settingVariables.sessionIdle),
    sessionLifetime: text(settingVariables.sessionLifetime),
    data: text(settingVariables.data),
    serverKey: text(settingVariables.serverKey),
    serverCertificate: text(settingVariables.serverCertificate),
    bootstrapKey: text(settingVariables.bootstrapKey),
    bootstrapCertificate: text(settingVariables.bootstrapCertificate),
    masterKeyFile: text(settingVariables.masterKeyFile),
    extendedMasterSecret: text(settingVariables.extendedMasterSecret),
    readFacts: text(settingVariables.readFacts),
    logLevel: text(settingVariables.logLevel),
    ...firmwareTextsOfEnvironment(text),
    ...historyTextsOfEnvironment(text),
    ...smsTextsOfEnvironment(text),
  };
}

const tables = { firmware: FirmwareTable, history: HistoryTable, sms: SmsTable };

/** What a `dunlin.toml` sets; throws a `ProgramError` that names the file and the key. */
export function settingsFromFile(text: string, fileName: string): SettingTexts {
  const document = tomlDocument(text, fileName);
  refuseUnknown(document, Object.keys(FileSchema.properties), fileName);
  for (const [name, { properties }] of Object.entries(tables)) {
    const table = document[name];
    if (typeof table === 'object' && table !== null)
      refuseUnknown(table, Object.keys(properties), fileName, `${name}.`);
  }
  if (!Value.Check(FileSchema, document)) {
    const [problem] = Value.Errors(FileSchema, document);
    throw usage(
      `${fileName}: ${problem?.instancePath.slice(1).replaceAll('/', '.') ?? ''} ${problem?.message ?? 'is wrong'}`,
    );
  }
  const { http, data } = document;
  return {
    coap: asList(document.coap),
    coaps: asList(document.coaps),
    bootstrapCoap: asList(document['bootstrap-coap']),
    bootstrapCoaps: asList(document['bootstrap-coaps']),
    http,
    httpNames: document['http-names'],
    reuseToken: document['reuse-token'],
    data,
    serverKey: document['server-key'],
    serverCertificate: document['server-certificate'],
    bootstrapKey: document['bootstrap-key'],
    bootstrapCertificate: document['bootstrap-certificate'],
    masterKeyFile: document['master-key-file'],
    extendedMasterSecret: document['extended-master-secret'],
    readFacts: document['read-facts']?.toString(),
    logLevel: document['log-level'],
    ...httpTextsOf(document),
    ...firmwareTextsOf(document.firmware),
    ...historyTextsOf(document.history),
    ...smsTextsOf(document.sms),
  };
}

/** The settings of all sources, the first that sets one deciding: flags, environment, file, then the defaults. */
export function serverSettings(
  sources: readonly { readonly name: string; readonly texts: SettingTexts }[],
  program: ServingProgram = 'server',
): ServerSettings {
  const find = <T>(choose: (texts: SettingTexts) => T | undefined): Found<T> | undefined => {
    for (const { name, texts } of sources) {
      const value = choose(texts);
      if (value !== undefined) return { value, source: name };
    }
    return undefined;
  };
  const pick = <T>(choose: (texts: SettingTexts) => T | undefined, byDefault: T): Found<T> =>
    find(choose) ?? { value: byDefault, source: 'default' };
  const d = serverSettingsDefaults;
  const http = pick((texts) => texts.http, d.http);
  const readFacts = pick((texts) => texts.readFacts, d.readFacts);
  const settings: ServerSettings = {
    coap: addressesFrom(
      'coap',
      pick((texts) => texts.coap, d.coap),
    ),
    coaps: addressesFrom(
      'coaps',
      pick((texts) => texts.coaps, d.coaps),
    ),
    bootstrapCoap: addressesFrom(
      'bootstrap-coap',
      pick((texts) => texts.bootstrapCoap, d.bootstrapCoap),
    ),
    bootstrapCoaps: addressesFrom(
      'bootstrap-coaps',
      pick((texts) => texts.bootstrapCoaps, d.bootstrapCoaps),
    ),
    http: addressFrom(http.value, 'http', http.source),
    httpNames: pick((texts) => texts.httpNames, d.httpNames).value.map((name) => name.toLowerCase()),
    reuseToken: pick((texts) => texts.reuseToken, d.reuseToken).value,
    data: folderFrom(pick((texts) => texts.data, d.data)),
    ...keyFiles((choose) => find(choose)?.value),
    extendedMasterSecret: wordFrom(
      'extended-master-secret',
      pick((texts) => texts.extendedMasterSecret, d.extendedMasterSecret),
      extendedMasterSecretModes,
    ),
    readFacts: switchFrom('read-facts', readFacts),
    logLevel: wordFrom(
      'log-level',
      pick((texts) => texts.logLevel, d.logLevel),
      logLevels,
    ),
    serving: httpSettings(pick),
    firmware: firmwareSettings(pick),
    history: historySettings(pick),
    sms: program === 'server' ? smsSettings(find) : undefined,
  };
  return withSense(settings, program);
}

/** The files of keys and certificates, none of which has a default. */
function keyFiles(
  find: (choose: (texts: SettingTexts) => string | undefined) => string | undefined,
): Pick<
  ServerSettings,
  'serverKey' | 'serverCertificate' | 'bootstrapKey' | 'bootstrapCertificate' | 'masterKeyFile' | 'keyLog'
> {
  return {
    serverKey: find((texts) => texts.serverKey),
    serverCertificate: find((texts) => texts.serverCertificate),
    bootstrapKey: find((texts) => texts.bootstrapKey),
    bootstrapCertificate: find((texts) => texts.bootstrapCertificate),
    masterKeyFile: find((texts) => texts.masterKeyFile),
    keyLog: find((texts) => texts.keyLog),
  };
}

/** Refuses settings that make no sense together. */
function withSense(settings: ServerSettings, program: ServingProgram): ServerSettings {
  const { serverKey, serverCertificate, bootstrapKey, bootstrapCertificate, firmware } = settings;
  const [plain, secure] = program === 'server' ? ['coap', 'coaps'] : ['bootstrap-coap', 'bootstrap-coaps'];
  const places =
    program === 'server'
      ? [...settings.coap, ...settings.coaps]
      : [...settings.bootstrapCoap, ...settings.bootstrapCoaps];
  if (places.length === 0 && settings.sms === undefined) {
    throw usage(`${plain} and ${secure} are both ${nowhere}: no device could reach the ${program}`);
  }
  if (serverCertificate !== undefined && serverKey === undefined) {
    throw usage('server-certificate needs server-key: the private key that the certificate is for');
  }
  if (firmware.https !== undefined && serverCertificate === undefined)
    throw usage('firmware-https needs server-certificate: what devices know the server by');
  if (bootstrapCertificate !== undefined && bootstrapKey === undefined) {
    throw usage('bootstrap-certificate needs bootstrap-key: the private key that the certificate is for');
  }
  return settings;
}

function addressesFrom(
  setting: string,
  { value, source }: Found<readonly string[]>,
): readonly SocketAddress[] {
  if (value.length === 1 && value[0] === nowhere) return [];
  return value.map((text) => addressFrom(text, setting, source));
}

/** An empty text is a variable of a script that is not set, and hardly the current folder. */
function folderFrom({ value, source }: Found<string>): string {
  if (value !== '') return value;
  throw usage(`data (${source}): no folder is named; the current one is "."`);
}

function switchFrom(setting: string, { value, source }: Found<string>): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw usage(`${setting} (${source}): ${JSON.stringify(value)} is neither true nor false`);
}

function refuseUnknown(table: object, known: readonly string[], fileName: string, prefix = ''): void {
  const unknown = Object.keys(table).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw usage(
    `${fileName}: ${prefix}${unknown} is not a setting${didYouMean(unknown, known) || `; there are ${known.join(', ')}`}`,
  );
}

function tomlDocument(text: string, fileName: string): Readonly<Record<string, unknown>> {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason] = error.message.split('\n');
    throw usage(`${fileName}:${error.line}:${error.column}: ${reason}`);
  }
}

function asList(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}
