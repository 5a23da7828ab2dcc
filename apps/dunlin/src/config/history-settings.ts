import type { Milliseconds } from '@dunlin/base';
import { Type } from 'typebox';

import { durationFrom, type Found, nowhere, usage } from './setting-text.ts';

/** How long the values of devices are kept. */
export interface HistorySettings {
  /** How old a value may be; `undefined` when none are kept. */
  readonly age: Milliseconds | undefined;
  /** Values of one path. */
  readonly samples: number;
}

/** Those settings as texts. */
export interface HistoryTexts {
  readonly historyAge?: string | undefined;
  readonly historySamples?: string | undefined;
}

/** A month for charts; a value every half minute of it. */
export const historySettingsDefaults: Required<{
  readonly [Name in keyof HistoryTexts]: NonNullable<HistoryTexts[Name]>;
}> = { historyAge: '30d', historySamples: '100000' };

/** The table `[history]` of `dunlin.toml`. */
export const HistoryTable: Type.TObject<{
  age: Type.TOptional<Type.TString>;
  samples: Type.TOptional<Type.TInteger>;
}> = Type.Object(
  { age: Type.Optional(Type.String()), samples: Type.Optional(Type.Integer()) },
  { additionalProperties: false },
);

/** What the table sets. */
export function historyTextsOf(table: Type.Static<typeof HistoryTable> | undefined): HistoryTexts {
  return { historyAge: table?.age, historySamples: table?.samples?.toString() };
}

/** The settings in their texts, each of which `pick` finds; throws a `ProgramError` for one that is wrong. */
export function historySettings(
  pick: <T>(choose: (texts: HistoryTexts) => T | undefined, byDefault: T) => Found<T>,
): HistorySettings {
  const d = historySettingsDefaults;
  return {
    age: ageFrom(pick((texts) => texts.historyAge, d.historyAge)),
    samples: samplesFrom(pick((texts) => texts.historySamples, d.historySamples)),
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
