import { ResponseCode } from '@dunlin/coap';

import { canonicalFormat } from '../format/content-format-codec.ts';
import type { Path } from '../path.ts';
import { type Refusal, refusal } from '../refusal.ts';
import { formatsFor, type OperationName, operations } from './operations.ts';

/**
 * Why the Content-Format or the Accept option of a request does not suit its operation, or `undefined`
 * when they do (R-402, R-403, R-404, R-406 step 10). Legacy
 * numbers count as those of the same format (R-1101). A format that suits here may still be refused by the codec, which knows the Resource: plain
 * text for a Resource with several instances is 4.06 or 4.15 all the same.
 */
export function checkFormats(
  name: OperationName,
  level: Path['kind'],
  formats: { readonly contentFormat?: number | undefined; readonly accept?: number | undefined },
): Refusal | undefined {
  return checkContentFormat(name, level, formats.contentFormat) ?? checkAccept(name, level, formats.accept);
}

function checkContentFormat(
  name: OperationName,
  level: Path['kind'],
  contentFormat: number | undefined,
): Refusal | undefined {
  const payload = operations[name].request;
  if (payload === 'nothing' || payload === 'attributes') return undefined;
  if (contentFormat === undefined) {
    // An Execute without the option has plain-text arguments; resource data must say what it is.
    if (payload === 'arguments') return undefined;
    return refusal(ResponseCode.badRequest, 'the Content-Format is not specified');
  }
  if (isOneOf(formatsFor(payload, level), contentFormat)) return undefined;
  const reason = `the Content-Format ${contentFormat} is not supported for ${name} on this path`;
  return refusal(ResponseCode.unsupportedContentFormat, reason);
}

function checkAccept(
  name: OperationName,
  level: Path['kind'],
  accept: number | undefined,
): Refusal | undefined {
  const payload = operations[name].response;
  if (accept === undefined || payload === 'nothing') return undefined;
  if (isOneOf(formatsFor(payload, level), accept)) return undefined;
  return refusal(ResponseCode.notAcceptable, `the format ${accept} cannot express what is at this path`);
}

function isOneOf(formats: readonly number[], format: number): boolean {
  return formats.includes(canonicalFormat(format) ?? format);
}
