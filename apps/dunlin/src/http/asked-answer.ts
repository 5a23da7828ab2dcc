import { OperationDocumentSchema } from '@dunlin/api';
import { milliseconds } from '@dunlin/base';
import type { OperationResult, QueuedOperation, Registration } from '@dunlin/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import type { AskCall, Asked, DeviceOperations } from './device-operations.ts';
import { disconnection } from './disconnection.ts';
import { operationToDocument } from './operation-to-document.ts';
import { parsePrefer } from './prefer.ts';
import { timeoutFrom, TimeoutQuery } from './request-parts.ts';
import { RequestProblem } from './request-problem.ts';

/** The query of routes whose operation can wait for its device. */
export const AskQuery: Type.TObject<{
  timeout: Type.TOptional<Type.TNumber>;
  wait: Type.TOptional<Type.TNumber>;
  expires: Type.TOptional<Type.TNumber>;
  channel: Type.TOptional<Type.TLiteral<'sms'>>;
}> = Type.Object(
  {
    ...TimeoutQuery.properties,
    wait: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 600,
        description:
          'Seconds to wait for a device that sleeps, before 202. Default: 0. Also Prefer: wait=10.',
      }),
    ),
    expires: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 31_536_000,
        description: 'Seconds that what is queued may wait. Default: a week.',
      }),
    ),
    channel: Type.Optional(
      Type.Literal('sms', {
        description:
          'Ask by short message, at once, where the device registered over UDP with mode US or UQS.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** The answer when an operation waits for its device. */
export const queuedAnswer: { readonly 202: typeof OperationDocumentSchema } = {
  202: OperationDocumentSchema,
};

/** How a request asks for an operation. */
export function askCall(
  operation: string,
  request: FastifyRequest & {
    readonly params: { readonly endpoint: string };
    readonly query: {
      readonly timeout?: number;
      readonly wait?: number;
      readonly expires?: number;
      readonly channel?: 'sms';
    };
  },
  reply: FastifyReply,
): AskCall {
  const { wait, expires, channel } = request.query;
  const preference = parsePrefer(request.headers['prefer']);
  return {
    operation,
    endpoint: request.params.endpoint,
    timeout: timeoutFrom(request.query),
    channel,
    signal: disconnection(reply),
    isAsync: preference.isAsync,
    wait: wait === undefined ? preference.wait : milliseconds(wait * 1000),
    lifetime: expires === undefined ? undefined : milliseconds(expires * 1000),
  };
}

/** Answers with what the device did, or with 202 and where to look for it. */
export function answerAsked(
  reply: FastifyReply,
  asked: Asked,
  operations: DeviceOperations,
  answer: (result: OperationResult, registration: Registration | undefined) => FastifyReply,
): FastifyReply {
  if (asked.kind === 'queued') return answerQueued(reply, asked.operation, operations);
  const { result, registration } = asked;
  if (result.kind !== 'too-long') return answer(result, registration);
  const message = `the answer of the device is ${result.length} characters long, more than is kept for one that slept`;
  throw new RequestProblem(502, 'device-misbehaved', message);
}

/** Answers that an operation waits, and where to look for it. */
function answerQueued(
  reply: FastifyReply,
  operation: QueuedOperation,
  operations: DeviceOperations,
): FastifyReply {
  const document = operationToDocument(operation, operations.definitions);
  return reply.code(202).header('location', operationLocation(operation)).send(document);
}

/** Where an operation is: `/api/v1/devices/{ep}/operations/{id}`. */
export function operationLocation({ endpointName, id }: QueuedOperation): string {
  return `/api/v1/devices/${encodeURIComponent(endpointName)}/operations/${id}`;
}
