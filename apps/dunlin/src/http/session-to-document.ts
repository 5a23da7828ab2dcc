import type { BootstrapOperationWord, BootstrapSessionDocument, BootstrapStepDocument } from '@dunlin/api';
import type { BootstrapSessionRecord, BootstrapStep } from '@dunlin/bootstrap';
import { ContentFormat } from '@dunlin/coap';
import { formatHostAndPort } from '@dunlin/node';

import { coapMeaning } from './coap-meaning.ts';
import { targetToDocument } from './configuration-to-document.ts';
import { instantText } from './device-to-summary.ts';

/** The JSON form of a session. */
export function sessionToDocument(session: BootstrapSessionRecord): BootstrapSessionDocument {
  const { id, endpointName, initiatedBy, address, port, security, target } = session;
  const { startedAt, endedAt, outcome, failure, steps } = session;
  return {
    id,
    endpoint: endpointName,
    initiatedBy,
    address: formatHostAndPort(address, port),
    security,
    target: targetToDocument(target),
    startedAt: instantText(startedAt),
    ...(endedAt !== undefined && { endedAt: instantText(endedAt) }),
    outcome,
    ...(failure && { failure }),
    steps: steps.map(stepToDocument),
  };
}

/** The JSON form of one step. */
export function stepToDocument(step: BootstrapStep): BootstrapStepDocument {
  const { operation, path, contentFormat, length, startedAt, answer } = step;
  const format = contentFormat === undefined ? undefined : formats.get(contentFormat);
  return {
    operation: words[operation],
    ...(path !== undefined && { path }),
    ...(format !== undefined && { format }),
    ...(length !== undefined && { length }),
    startedAt: instantText(startedAt),
    ...(answer && { answer: answerDocument(answer) }),
  };
}

const words: Readonly<Record<BootstrapStep['operation'], BootstrapOperationWord>> = {
  'bootstrap-request': 'request',
  'bootstrap-discover': 'discover',
  'bootstrap-delete': 'delete',
  'bootstrap-write': 'write',
  'bootstrap-finish': 'finish',
};

const formats: ReadonlyMap<number, string> = new Map([
  [ContentFormat.tlv, 'tlv'],
  [ContentFormat.json, 'json'],
  [ContentFormat.text, 'text'],
  [ContentFormat.opaque, 'opaque'],
]);

function answerDocument({
  at,
  coapCode,
  diagnostic,
}: NonNullable<BootstrapStep['answer']>): NonNullable<BootstrapStepDocument['answer']> {
  return {
    at: instantText(at),
    coapCode,
    ...(/^[45]/.test(coapCode) && { coapMeaning: coapMeaning(coapCode) }),
    ...(diagnostic !== '' && { diagnostic }),
  };
}
