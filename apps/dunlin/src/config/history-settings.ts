import type { Milliseconds } from '@dunlin/base';
import { Type } from 'typebox';

import { durationFrom, type Found, nowhere, sizeFrom, usage } from './setting-text.ts';

/** How long the values of devices are kept. */
export interface HistorySettings {
  /** How old a value may be; `undefined` when none are kept. */
  readonly age: Milliseconds | undefined;
  /** Values of one path. */
  readonly samples: number;
  /** Bytes that all values together may take on the disk. */
  readonly size: number;
}

/** Those settings as texts. */
export interface HistoryTexts {
  readonly historyAge?: string | undefined;
  readonly historySamples?: string | undefined;
  readonly historySize?: string | undefined;
}

/** A month for charts; a value every half minute of it; some 50 million values on the disk of a small gateway. */
export const historySettingsDefaults: Required<{
  readonly [Name in keyof HistoryTexts]: NonNullable<HistoryTexts[Name]>;
}> = { historyAge: '30d', historySamples: '100000', historySize: '2 GiB' };

/** The table `[history]` of `dunlin.toml`. */
export const HistoryTable: Type.TObject<{
  age: Type.TOptional<Type.TString>;
  samples: Type.TOptional<Type.TInteger>;
  size: Type.TOptional<Type.TUnion<[Type.TString, Type.TInteger]>>;
}> = Type.Object(
  {
    age: Type.Optional(Type.String()),
    samples: Type.Optional(Type.Integer()),
    size: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
  },
  { additionalProperties: false },
);

/** Environment variables of the settings. */
export const historyVariables = {
  historyAge: 'DUNLIN_HISTORY_AGE',
  historySamples: 'DUNLIN_HISTORY_SAMPLES',
  historySize: 'DUNLIN_HISTORY_SIZE',
} as const;

/** What the environment sets. */
export function historyTextsOfEnvironment(textOf: (name: string) => string | undefined): HistoryTexts {
  return {
    historyAge: textOf(historyVariables.historyAge),
    historySamples: textOf(historyVariables.historySamples),
    historySize: textOf(historyVariables.historySize),
  };
}

/** What the table sets. */
export function historyTextsOf(table: Type.Static<typeof HistoryTable> | undefined): HistoryTexts {
  return {
    historyAge: table?.age,
    historySamples: table?.samples?.toString(),
    historySize: table?.size?.toString(),
  };
}

/** The settings in their texts, each of which `pick` finds; throws a `ProgramError` for one that is wrong. */
export function historySettings(
  pick: <T>(choose: (texts: HistoryTexts) => T | undefined, byDefault: T) => Found<T>,
): HistorySettings {
  const d = historySettingsDefaults;
  return {
    age: ageFrom(pick((texts) => texts.historyAge, d.historyAge)),
    samples: samplesFrom(pick((texts) => texts.historySamples, d.historySamples)),
    size: sizeFrom(
      'history-size',
      pick((texts) => texts.historySize, d.historySize),
    ),
  };
}

function ageFrom({ value, source }: Found<string>): Milliseconds | undefined {
  if (value === nowhere) return undefined;
  const age = durationFrom(value);
  if (age !== undefined) return age;
  throw usage(
    `history-age (${source}): ${JSON.stringify(value)} is neither none nor a time such as 12h, 30d or 4w`,
  );
}

function samplesFrom({ value, source }: Found<string>): number {
  const samples = Number(value);
  if (/^\d{1,9}$/.test(value) && samples > 0) return samples;
  throw usage(`history-samples (${source}): ${JSON.stringify(value)} is not a number of values from 1`);
}
