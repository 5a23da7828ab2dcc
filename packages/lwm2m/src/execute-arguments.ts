import { UsageError } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';

import { type Refusal, refusal } from './refusal.ts';

/**
 * The arguments of an Execute (1.0 §5.4.5): by their number, 0 to 9, each at most once, in the order of the
 * text; `undefined` for an argument without a value.
 */
export type ExecuteArguments = ReadonlyMap<number, string | undefined>;

/** No arguments: an empty payload. */
export const noArguments: ExecuteArguments = new Map();

/**
 * The arguments that a payload names. Spaces after a comma are passed over, as the specification's own
 * example has them against its grammar; anything else outside the grammar, and a repeated number, is a
 * refusal with 4.00.
 */
export function parseExecuteArguments(text: string): ExecuteArguments | Refusal {
  const found = new Map<number, string | undefined>();
  let rest = text;
  while (rest !== '') {
    const match = argumentGrammar.exec(rest);
    const digit = match?.groups?.['digit'];
    if (match === null || digit === undefined) {
      return refusal(
        ResponseCode.badRequest,
        `the Execute arguments break the grammar at ${position(text, rest)}`,
      );
    }
    if (found.has(Number(digit))) {
      return refusal(ResponseCode.badRequest, `the Execute argument ${digit} appears twice`);
    }
    found.set(Number(digit), match.groups?.['value']);
    rest = rest.slice(match[0].length);
    if (rest === '' && match.groups?.['comma'] !== undefined) {
      return refusal(ResponseCode.badRequest, 'the Execute arguments end with a comma');
    }
  }
  return found;
}

/** The payload of the arguments. Throws `UsageError` for a number outside 0 to 9 or a value with a forbidden character. */
export function formatExecuteArguments(executeArguments: ExecuteArguments): string {
  return [...executeArguments].map(([digit, value]) => formatArgument(digit, value)).join(',');
}

/** One argument with the comma and the blanks that follow it; what comes next starts after them. */
const argumentGrammar = /^(?<digit>\d)(?:='(?<value>[!\x23-\x26\x28-\x5b\x5d-\x7e]*)')?(?:(?<comma>, *)|$)/;
const valueGrammar = /^[!\x23-\x26\x28-\x5b\x5d-\x7e]*$/;

function formatArgument(digit: number, value: string | undefined): string {
  if (!Number.isInteger(digit) || digit < 0 || digit > 9) {
    throw new UsageError(`An Execute argument is numbered 0 to 9, not ${digit}.`);
  }
  if (value === undefined) return String(digit);
  if (!valueGrammar.test(value)) {
    throw new UsageError(
      `The value of Execute argument ${digit} may only have printable ASCII characters other than space, ", ' and \\.`,
    );
  }
  return `${digit}='${value}'`;
}

function position(text: string, rest: string): string {
  return `character ${text.length - rest.length + 1}`;
}
