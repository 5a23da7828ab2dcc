import { describeOption, isCriticalOption, optionDefinition } from './option.ts';
import type { OptionList } from './option-list.ts';

/** A critical option that keeps a message from being understood. */
export interface BadOption {
  readonly number: number;
  readonly problem: 'unrecognized' | 'length' | 'surplus';
  /** For a diagnostic payload: names the option and what is wrong with it. */
  readonly reason: string;
}

/**
 * The first critical option that is not understood, has a length out of range or comes more often than it
 * may (RFC 7252 §5.4.1, §5.4.3, §5.4.5). A request with one is answered with 4.02, a response with one is
 * rejected (CR-10.1). Elective options of that kind are passed over.
 */
export function findBadOption(options: OptionList): BadOption | undefined {
  const { size } = options;
  for (let index = 0; index < size; index += 1) {
    const number = options.numberAt(index);
    if (isCriticalOption(number) && !options.isRecognizedAt(index)) return badOptionAt(options, index);
  }
  return undefined;
}

function badOptionAt(options: OptionList, index: number): BadOption {
  const number = options.numberAt(index);
  const definition = optionDefinition(number);
  const option = describeOption(number);
  if (definition === undefined || !definition.isUnderstood) {
    return { number, problem: 'unrecognized', reason: `${option} is not understood` };
  }
  if (options.isSurplusAt(index) && !definition.isRepeatable) {
    return { number, problem: 'surplus', reason: `${option} may come only once` };
  }
  const { minLength, maxLength } = definition;
  const range = minLength === maxLength ? `${minLength}` : `${minLength} to ${maxLength}`;
  return {
    number,
    problem: 'length',
    reason: `${option} has ${options.lengthAt(index)} bytes instead of ${range}`,
  };
}
