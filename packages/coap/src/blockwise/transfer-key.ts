import { isNoCacheKeyOption, OptionNumber } from '../option.ts';
import type { Message } from '../message.ts';

/**
 * What tells the uploads of one peer apart: the method and all options that belong to the cache key, the
 * Request-Tag and Content-Format included; never token or payload (RFC 7959 §2.5, RFC 9175 §3.3, CR-9.4).
 */
export function uploadKey(request: Message): string {
  return keyOf(request, undefined);
}

/**
 * What tells the downloads of one peer apart: as `uploadKey` without the Content-Format, which describes a
 * payload that the requests for further blocks may leave out (RFC 7959 §2.7, CR-9.11).
 */
export function downloadKey(request: Message): string {
  return keyOf(request, OptionNumber.contentFormat);
}

function keyOf(request: Message, excluded: OptionNumber | undefined): string {
  const { options } = request;
  let key = `${request.code}`;
  for (let index = 0; index < options.size; index += 1) {
    const number = options.numberAt(index);
    if (number === excluded || isOutsideKey(number)) continue;
    key += `|${number}:${options.lengthAt(index)}:${options.keyAt(index)}`;
  }
  return key;
}

function isOutsideKey(number: number): boolean {
  return (
    number === OptionNumber.block1 ||
    number === OptionNumber.block2 ||
    number === OptionNumber.observe ||
    isNoCacheKeyOption(number)
  );
}
