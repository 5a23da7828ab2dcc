import { type Response, ResponseCode } from '@dunlin/coap';
import { formatPath, type ObjectInstancePath, type Refusal, refusal } from '@dunlin/lwm2m';

import { type OperationContext, originOf } from './operation-context.ts';

/** Delete of an Object Instance (1.0 §5.4.7); `/3/0` and whatever else the device keeps is 4.05. */
export function deleteInstance(path: ObjectInstancePath, context: OperationContext): Response | Refusal {
  if (context.tree.setup(path.objectId)?.isDeletable !== true) {
    return refusal(ResponseCode.methodNotAllowed, `${formatPath(path)} cannot be deleted`);
  }
  const transaction = context.tree.begin(originOf(context), context.now);
  transaction.delete(path);
  return transaction.commit() ?? { code: ResponseCode.deleted };
}
