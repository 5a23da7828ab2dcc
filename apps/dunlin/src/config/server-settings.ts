import { TomlError, parse as parseToml } from 'smol-toml';
import { Type } from 'typebox';
import * as Value from 'typebox/value';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import { didYouMean } from '../program/suggestion.ts';
import { parseSocketAddress, type SocketAddress } from './socket-address.ts';

/** How loud the log is, from the loudest. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What `dunlin server` and `npm start` are set to. */
export interface ServerSettings {
  /** Where CoAP listens. */
  readonly coap: readonly SocketAddress[];
  /** Where HTTP listens. */
  readonly http: SocketAddress;
  /** Names beside IP addresses and `localhost` under which HTTP may be reached while it is on loopback. */
  readonly httpNames: readonly string[];
  /** The folder the database is in. */
  readonly data: string;
  readonly logLevel: LogLevel;
}

/** Settings as texts, from one source. */
export interface SettingTexts {
  readonly coap?: readonly string[] | undefined;
  readonly http?: string | undefined;
  readonly httpNames?: readonly string[] | undefined;
  readonly data?: string | undefined;
  readonly logLevel?: string | undefined;
}

/** The values of settings that nobody set: the registered port of CoAP, and HTTP for this machine only. */
export const serverSettingsDefaults: Required<SettingTexts> = {
  coap: ['0.0.0.0:5683'],
  http: '127.0.0.1:8080',
  httpNames: [],
  data: './dunlin-data',
  logLevel: 'info',
};

/** The one schema of `dunlin.toml`. */
const FileSchema = Type.Object(
  {
    coap: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })])),
    http: Type.Optional(Type.String()),
    'http-names': Type.Optional(Type.Array(Type.String())),
    data: Type.Optional(Type.String({ minLength: 1 })),
    'log-level': Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

/** Environment variables of the settings. */
export const settingVariables = {
  coap: 'DUNLIN_COAP',
  http: 'DUNLIN_HTTP',
  httpNames: 'DUNLIN_HTTP_NAMES',
  data: 'DUNLIN_DATA',
  logLevel: 'DUNLIN_LOG_LEVEL',
} as const;

/** What the environment sets; lists are separated by commas. An empty variable sets nothing. */
export function settingsFromEnvironment(env: Readonly<Record<string, string | undefined>>): SettingTexts {
  const text = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  return {
    coap: listFrom(text(settingVariables.coap)),
    http: text(settingVariables.http),
    httpNames: listFrom(text(settingVariables.httpNames)),
    data: text(settingVariables.data),
    logLevel: text(settingVariables.logLevel),
  };
}

/** What a `dunlin.toml` sets; throws a `ProgramError` that names the file and the key. */
export function settingsFromFile(text: string, fileName: string): SettingTexts {
  const document = tomlDocument(text, fileName);
  const known = Object.keys(FileSchema.properties);
  const unknown = Object.keys(document).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw usage(
      `${fileName}: ${unknown} is not a setting${didYouMean(unknown, known) || `; there are ${known.join(', ')}`}`,
    );
  }
  if (!Value.Check(FileSchema, document)) {
    const [problem] = Value.Errors(FileSchema, document);
    throw usage(
      `${fileName}: ${problem?.instancePath.slice(1).replaceAll('/', '.') ?? ''} ${problem?.message ?? 'is wrong'}`,
    );
  }
  const { coap, http, data } = document;
  return {
    coap: typeof coap === 'string' ? [coap] : coap,
    http,
    httpNames: document['http-names'],
    data,
    logLevel: document['log-level'],
  };
}

/** The settings of all sources, the first that sets one deciding: flags, environment, file, then the defaults. */
export function serverSettings(
  sources: readonly { readonly name: string; readonly texts: SettingTexts }[],
): ServerSettings {
  const withDefaults = [...sources, { name: 'default', texts: serverSettingsDefaults }];
  const pick = <T>(choose: (texts: SettingTexts) => T | undefined): { value: T; source: string } => {
    for (const { name, texts } of withDefaults) {
      const value = choose(texts);
      if (value !== undefined) return { value, source: name };
    }
    throw new Error('a setting has no default');
  };
  const coap = pick((texts) => texts.coap);
  const http = pick((texts) => texts.http);
  const logLevel = pick((texts) => texts.logLevel);
  return {
    coap: coap.value.map((text) => addressFrom(text, 'coap', coap.source)),
    http: addressFrom(http.value, 'http', http.source),
    httpNames: pick((texts) => texts.httpNames).value.map((name) => name.toLowerCase()),
    data: pick((texts) => texts.data).value,
    logLevel: levelFrom(logLevel.value, logLevel.source),
  };
}

function addressFrom(text: string, setting: string, source: string): SocketAddress {
  const address = parseSocketAddress(text);
  if (address !== undefined) return address;
  throw usage(
    `${setting} (${source}): ${JSON.stringify(text)} is not an address such as 127.0.0.1:5683, [::1]:5683 or :5683`,
  );
}

function levelFrom(text: string, source: string): LogLevel {
  const level = logLevels.find((candidate) => candidate === text);
  if (level !== undefined) return level;
  throw usage(
    `log-level (${source}): ${JSON.stringify(text)} is not one of ${logLevels.join(', ')}${didYouMean(text, logLevels)}`,
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

function listFrom(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').map((entry) => entry.trim());
}

function usage(message: string): ProgramError {
  return new ProgramError(ExitCode.usage, message);
}
