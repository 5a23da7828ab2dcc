import type { Message } from '../message.ts';
import { isNoCacheKeyOption, OptionNumber } from '../option.ts';

/**
 * What tells the uploads of one peer apart: the method and all options that belong to the cache key, the
 * Request-Tag and Content-Format included; never token or payload (RFC 7959 §2.5, RFC 9175 §3.3, CR-9.4).
 */
export function uploadKey(request: Message): string {
  const { options } = request;
  let key = `${request.code}`;
  for (let index = 0; index < options.size; index += 1) {
    const number = options.numberAt(index);
    if (!isPartOfKey(number)) continue;
    key += `|${number}:${options.lengthAt(index)}:${options.keyAt(index)}`;
  }
  return key;
}

/** All but the options that differ from block to block, and those that are no part of the cache key. */
function isPartOfKey(number: number): boolean {
  return (
    number !== OptionNumber.block1 &&
    number !== OptionNumber.block2 &&
    number !== OptionNumber.observe &&
    !isNoCacheKeyOption(number)
  );
}
