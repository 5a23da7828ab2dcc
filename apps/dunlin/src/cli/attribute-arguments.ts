import type { AttributesInput } from '@dunlin/api';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import { didYouMean } from '../program/suggestion.ts';

const attributeNames = ['pmin', 'pmax', 'gt', 'lt', 'st'] as const;

/** `pmin=5` sets an attribute, `pmin=` unsets it. */
export function attributesFrom(texts: readonly string[]): AttributesInput {
  const change: { -readonly [Name in keyof AttributesInput]: AttributesInput[Name] } = {};
  for (const text of texts) {
    const separator = text.indexOf('=');
    const given = separator === -1 ? text : text.slice(0, separator);
    const name = attributeNames.find((candidate) => candidate === given);
    if (name === undefined) {
      throw usage(
        `${JSON.stringify(given)} is not one of ${attributeNames.join(', ')}${didYouMean(given, attributeNames)}`,
      );
    }
    if (separator === -1) throw usage(`${name} has no value: ${name}=10 sets it, ${name}= unsets it`);
    change[name] = attributeValue(name, text.slice(separator + 1));
  }
  return change;
}

function attributeValue(name: (typeof attributeNames)[number], text: string): number | null {
  if (text === '') return null;
  const value = Number(text);
  const isPeriod = name === 'pmin' || name === 'pmax';
  const isWrong = text.trim() !== text || !Number.isFinite(value) || (isPeriod && !/^\d+$/.test(text));
  if (isWrong)
    throw usage(
      `${name} must be ${isPeriod ? 'a whole number of seconds' : 'a number'}, not ${JSON.stringify(text)}`,
    );
  return value;
}

function usage(message: string): ProgramError {
  return new ProgramError(ExitCode.usage, message);
}
