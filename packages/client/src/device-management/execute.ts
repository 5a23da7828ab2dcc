import { type Instant, utf8Decode } from '@dunlin/base';
import { type IncomingRequest, type Response, ResponseCode } from '@dunlin/coap';
import {
  formatPath,
  isRefusal,
  parseExecuteArguments,
  type Refusal,
  refusal,
  type ResourcePath,
} from '@dunlin/lwm2m';

import { type OperationContext, originOf } from './operation-context.ts';

/** What an Execute that is accepted leads to. */
export interface AcceptedExecution {
  readonly response: Response;
  /** To be run when the response has left the device. */
  readonly afterAnswer?: (now: Instant) => void;
}

/** Execute (1.0 §5.4.5): the arguments by their grammar; what must wait for the answer is in the outcome. */
export function execute(
  path: ResourcePath,
  request: IncomingRequest,
  context: OperationContext,
): AcceptedExecution | Refusal {
  const text = utf8Decode(request.payload);
  if (text === undefined) return refusal(ResponseCode.badRequest, 'the Execute arguments are not UTF-8');
  const args = parseExecuteArguments(text);
  if (isRefusal(args)) return args;
  const resource = context.tree.resource(path);
  if (resource?.kind !== 'executable') {
    return refusal(ResponseCode.methodNotAllowed, `${formatPath(path)} cannot be executed`);
  }
  const outcome = resource.execute({ path, arguments: args, origin: originOf(context), now: context.now });
  if (isRefusal(outcome)) return outcome;
  return {
    response: { code: ResponseCode.changed },
    ...(outcome?.kind === 'after-answer' && { afterAnswer: outcome.run }),
  };
}
