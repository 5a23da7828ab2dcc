import { utf8Decode } from '@dunlin/base';
import { Type } from 'typebox';

import { answerAsked, askCall, AskQuery, queuedAnswer } from './asked-answer.ts';
import type { DeviceOperations } from './device-operations.ts';
import type { HttpApp } from './http-app.ts';
import { pathFrom, TargetParams } from './request-parts.ts';
import { badRequest } from './request-problem.ts';
import { described, noContent } from './route-schema.ts';
import { validatorCompilerExceptBody } from './validation.ts';

const ExecuteInput = Type.Object(
  { arguments: Type.Optional(Type.String({ description: "As on the wire: 0='text',1 (1.0 §5.4.5)." })) },
  { additionalProperties: false },
);

/** Execute: `POST /devices/{endpoint}/execute/{path}`. */
export function executeRoute(app: HttpApp, operations: DeviceOperations): void {
  app.post(
    '/devices/:endpoint/execute/*',
    {
      config: { access: 'operator' },
      schema: described(
        'resources',
        'execute',
        'Execute a Resource; arguments as text/plain or JSON, or none',
        {
          params: TargetParams,
          querystring: AskQuery,
          body: Type.Unsafe<unknown>(ExecuteInput),
          consumes: ['text/plain', 'application/json'],
          response: { ...noContent, ...queuedAnswer },
        },
      ),
      validatorCompiler: validatorCompilerExceptBody,
    },
    async (request, reply) => {
      const path = pathFrom(request.params['*'], ['resource']);
      const args = argumentsFrom(request.body);
      const asked = await operations.ask(askCall('execute', request, reply), () => ({
        name: 'execute',
        target: path,
        arguments: args,
      }));
      return answerAsked(reply, asked, operations, () => reply.code(204).send());
    },
  );
}

function argumentsFrom(body: unknown): string | undefined {
  if (body === undefined || body === null) return undefined;
  const text = body instanceof Uint8Array ? utf8Decode(body) : jsonArguments(body);
  if (text === undefined) throw badRequest('body', 'is no UTF-8 text');
  return text === '' ? undefined : text;
}

function jsonArguments(body: unknown): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('body', `must be an object such as {"arguments": "0='text'"}`);
  }
  const unknown = Object.keys(body).find((key) => key !== 'arguments');
  if (unknown !== undefined) throw badRequest(`body.${unknown}`, 'is not known; known is arguments');
  if (!('arguments' in body)) return '';
  if (typeof body.arguments !== 'string') throw badRequest('body.arguments', 'must be a string');
  return body.arguments;
}
