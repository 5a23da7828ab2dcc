import { ContentFormat, ResponseCode } from '@dunlin/coap';
import { encodeContent, formatPath, isFormatFailure } from '@dunlin/lwm2m';

import type { BootstrapWrite } from '../configuration/bootstrap-configuration.ts';
import { isSequenceFailure, refusalText, type Sequence, sequenceFailure } from './sequence.ts';

/** Writes in order, in the format that is preferred and in others when the device does not take that. */
export function* writings(writes: readonly BootstrapWrite[], preferred: number): Sequence<undefined> {
  let format = preferred;
  for (const write of writes) {
    const taken = yield* writing(write, format);
    if (isSequenceFailure(taken)) return taken;
    // What the device did not take once it need not be offered again.
    if (taken === ContentFormat.tlv || taken === ContentFormat.json) format = taken;
  }
  return undefined;
}

/** Gives the format that the device took, or `undefined` when it was left without what it does not know. */
function* writing(
  { path, content, isOptional }: BootstrapWrite,
  preferred: number,
): Sequence<number | undefined> {
  let refused: string | undefined;
  for (const contentFormat of formatsFor(content, preferred)) {
    const payload = encodeContent(contentFormat, path, content);
    if (isFormatFailure(payload)) {
      refused ??= payload.reason;
      continue;
    }
    const answer = yield { name: 'bootstrap-write', path, contentFormat, payload };
    if (answer.kind === 'success') return contentFormat;
    refused = refusalText(answer);
    if (isOptional === true && answer.code === ResponseCode.notFound) return undefined;
    if (!isFormatRefusal(answer.code)) break;
  }
  return sequenceFailure(`refused the Write of ${formatPath(path)} (${refused ?? 'in no format'})`);
}

/** Plain text and opaque carry the one value of a Resource. */
function formatsFor(content: BootstrapWrite['content'], preferred: number): readonly number[] {
  const other = preferred === ContentFormat.tlv ? ContentFormat.json : ContentFormat.tlv;
  if (content.kind !== 'resource' || content.resource.kind !== 'single') return [preferred, other];
  const single = content.resource.type === 'opaque' ? ContentFormat.opaque : ContentFormat.text;
  return [preferred, other, single];
}

/** Devices say either of a format that they do not have. */
function isFormatRefusal(code: number): boolean {
  return code === ResponseCode.unsupportedContentFormat || code === ResponseCode.notAcceptable;
}
