import { UsageError } from '@dunlin/base';
import { parseFirmwareBaseUri } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import { addressFrom, type Found, listFrom, nowhere, sizeFrom, usage } from './setting-text.ts';
import type { SocketAddress } from './socket-address.ts';

/** How the server keeps images of firmware and gives them to devices. */
export interface FirmwareSettings {
  /** Base URIs under which devices reach this server to fetch images, the best first. */
  readonly uris: readonly string[];
  /** Where images are given by HTTP, and nothing else; `undefined` for nowhere. */
  readonly http: SocketAddress | undefined;
  /** The same over TLS, with the key and the certificate of the server. */
  readonly https: SocketAddress | undefined;
  /** Bytes of the largest image that is taken. */
  readonly imageSize: number;
  /** Bytes of all images together. */
  readonly totalSize: number;
}

/** Those settings as texts. */
export interface FirmwareTexts {
  readonly firmwareUri?: readonly string[] | undefined;
  readonly firmwareHttp?: string | undefined;
  readonly firmwareHttps?: string | undefined;
  readonly firmwareImageSize?: string | undefined;
  readonly firmwareTotalSize?: string | undefined;
}

/**
 * A device is told where to fetch by CoAP without anybody setting anything; HTTP for devices is for who asks for it. Forty of the
 * largest images are the versions of some makes, and leave room on most disks.
 */
export const firmwareSettingsDefaults: Required<{
  readonly [Name in keyof FirmwareTexts]: NonNullable<FirmwareTexts[Name]>;
}> = {
  firmwareUri: [],
  firmwareHttp: nowhere,
  firmwareHttps: nowhere,
  firmwareImageSize: '256 MiB',
  firmwareTotalSize: '10 GiB',
};

/** The table `[firmware]` of `dunlin.toml`. */
export const FirmwareTable: Type.TObject<{
  uri: Type.TOptional<Type.TUnion<[Type.TString, Type.TArray<Type.TString>]>>;
  http: Type.TOptional<Type.TString>;
  https: Type.TOptional<Type.TString>;
  'image-size': Type.TOptional<Type.TUnion<[Type.TString, Type.TInteger]>>;
  'total-size': Type.TOptional<Type.TUnion<[Type.TString, Type.TInteger]>>;
}> = Type.Object(
  {
    uri: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })])),
    http: Type.Optional(Type.String()),
    https: Type.Optional(Type.String()),
    'image-size': Type.Optional(Type.Union([Type.String(), Type.Integer()])),
    'total-size': Type.Optional(Type.Union([Type.String(), Type.Integer()])),
  },
  { additionalProperties: false },
);

/** Environment variables of the settings. */
export const firmwareVariables = {
  firmwareUri: 'DUNLIN_FIRMWARE_URI',
  firmwareHttp: 'DUNLIN_FIRMWARE_HTTP',
  firmwareHttps: 'DUNLIN_FIRMWARE_HTTPS',
  firmwareImageSize: 'DUNLIN_FIRMWARE_IMAGE_SIZE',
  firmwareTotalSize: 'DUNLIN_FIRMWARE_TOTAL_SIZE',
} as const;

/** What the environment sets. */
export function firmwareTextsOfEnvironment(textOf: (name: string) => string | undefined): FirmwareTexts {
  return {
    firmwareUri: listFrom(textOf(firmwareVariables.firmwareUri)),
    firmwareHttp: textOf(firmwareVariables.firmwareHttp),
    firmwareHttps: textOf(firmwareVariables.firmwareHttps),
    firmwareImageSize: textOf(firmwareVariables.firmwareImageSize),
    firmwareTotalSize: textOf(firmwareVariables.firmwareTotalSize),
  };
}

/** What the table sets. */
export function firmwareTextsOf(table: Type.Static<typeof FirmwareTable> | undefined): FirmwareTexts {
  const uri = table?.uri;
  return {
    firmwareUri: typeof uri === 'string' ? [uri] : uri,
    firmwareHttp: table?.http,
    firmwareHttps: table?.https,
    firmwareImageSize: table?.['image-size']?.toString(),
    firmwareTotalSize: table?.['total-size']?.toString(),
  };
}

/** The settings in their texts, each of which `pick` finds; throws a `ProgramError` for one that is wrong. */
export function firmwareSettings(
  pick: <T>(choose: (texts: FirmwareTexts) => T | undefined, byDefault: T) => Found<T>,
): FirmwareSettings {
  const d = firmwareSettingsDefaults;
  return {
    uris: urisFrom(pick((texts) => texts.firmwareUri, d.firmwareUri)),
    http: listenerFrom(
      'firmware-http',
      pick((texts) => texts.firmwareHttp, d.firmwareHttp),
    ),
    https: listenerFrom(
      'firmware-https',
      pick((texts) => texts.firmwareHttps, d.firmwareHttps),
    ),
    imageSize: sizeFrom(
      'firmware-image-size',
      pick((texts) => texts.firmwareImageSize, d.firmwareImageSize),
    ),
    totalSize: sizeFrom(
      'firmware-total-size',
      pick((texts) => texts.firmwareTotalSize, d.firmwareTotalSize),
    ),
  };
}

function urisFrom({ value, source }: Found<readonly string[]>): readonly string[] {
  if (value.length === 1 && value[0] === nowhere) return [];
  for (const uri of value) {
    try {
      parseFirmwareBaseUri(uri);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw usage(`firmware-uri (${source}): ${error.message}`);
    }
  }
  return value;
}

function listenerFrom(setting: string, { value, source }: Found<string>): SocketAddress | undefined {
  return value === nowhere ? undefined : addressFrom(value, setting, source);
}
