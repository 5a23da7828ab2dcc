import { type IncomingRequest, type Response, ResponseCode } from '@dunlin/coap';
import {
  formatPath,
  isRefusal,
  type ObjectDefinition,
  type ObjectInstancePath,
  pathOf,
  type Refusal,
  refusal,
  type ResourceContent,
  type ResourceContents,
  type ResourceDefinition,
  type ResourcePath,
} from '@dunlin/lwm2m';

import { problemOfContent } from '../object-tree/object-setup-check.ts';
import type { ObjectSetup } from '../object-tree/object-setup.ts';
import type { TreeTransaction } from '../object-tree/tree-transaction.ts';
import { type OperationContext, originOf } from './operation-context.ts';
import { payloadContent } from './payload-content.ts';

/** `replace`: afterwards the target is what the payload says. `update`: what the payload leaves out stays. */
export type WriteMode = 'replace' | 'update';

const changed: Response = { code: ResponseCode.changed };

/** Write (1.0 §5.4.3): all of it or nothing. */
export function write(
  path: ObjectInstancePath | ResourcePath,
  mode: WriteMode,
  request: IncomingRequest,
  context: OperationContext,
): Response | Refusal {
  const setup = context.tree.setup(path.objectId);
  if (setup === undefined) return refusal(ResponseCode.notFound, `${formatPath(path)} does not exist`);
  const content = payloadContent(request, path, setup.definition);
  if (isRefusal(content)) return content;

  const transaction = context.tree.begin(originOf(context), context.now);
  const problem = planWrite(transaction, path, content, { mode, setup, context });
  return problem ?? transaction.commit() ?? changed;
}

interface WritePlan {
  readonly mode: WriteMode;
  readonly setup: ObjectSetup;
  readonly context: OperationContext;
}

function planWrite(
  transaction: TreeTransaction,
  path: ObjectInstancePath | ResourcePath,
  content: Exclude<ReturnType<typeof payloadContent>, Refusal>,
  plan: WritePlan,
): Refusal | undefined {
  if (path.kind === 'resource' && content.kind === 'resource') {
    return planResource(transaction, path, content.resource, plan);
  }
  if (path.kind === 'object-instance' && content.kind === 'object-instance') {
    return planInstance(transaction, path, content.resources, plan);
  }
  return refusal(ResponseCode.badRequest, `the payload is not what ${formatPath(path)} holds`);
}

function planInstance(
  transaction: TreeTransaction,
  path: ObjectInstancePath,
  resources: ResourceContents,
  plan: WritePlan,
): Refusal | undefined {
  const { definition } = plan.setup;
  // Rights come before values: a single Resource that cannot be written refuses all.
  for (const id of resources.keys()) {
    const problem = isIgnored(id, plan.setup) ? undefined : checkWritable(definition, path, id);
    if (problem !== undefined) return problem;
  }
  for (const [id, content] of resources) {
    if (isIgnored(id, plan.setup)) continue;
    const problem = planResource(transaction, resourceOf(path, id), content, plan);
    if (problem !== undefined) return problem;
  }
  return plan.mode === 'replace' ? planRemovals(transaction, path, resources, definition) : undefined;
}

/** What the device does not know or support is passed over in the Write of an instance. */
function isIgnored(resourceId: number, setup: ObjectSetup): boolean {
  return !setup.definition.resources.has(resourceId) || !setup.supportedResources.has(resourceId);
}

function checkWritable(
  definition: ObjectDefinition,
  path: ObjectInstancePath,
  resourceId: number,
): Refusal | undefined {
  const resource = definition.resources.get(resourceId);
  if (resource?.operations.includes('W') === true) return undefined;
  return refusal(
    ResponseCode.methodNotAllowed,
    `${formatPath(resourceOf(path, resourceId))} (${resource?.name}) cannot be written; nothing was`,
  );
}

/** Writable Resources that a Replace leaves out go, unless they are mandatory: then it is refused. */
function planRemovals(
  transaction: TreeTransaction,
  path: ObjectInstancePath,
  resources: ResourceContents,
  definition: ObjectDefinition,
): Refusal | undefined {
  for (const resource of definition.resources.values()) {
    if (!resource.operations.includes('W') || resources.has(resource.id)) continue;
    if (resource.isMandatory) return missingMandatory(path, resource);
    transaction.remove(resourceOf(path, resource.id));
  }
  return undefined;
}

function planResource(
  transaction: TreeTransaction,
  path: ResourcePath,
  content: ResourceContent,
  { mode, setup, context }: WritePlan,
): Refusal | undefined {
  const definition = setup.definition.resources.get(path.resourceId);
  if (definition === undefined) return refusal(ResponseCode.notFound, `${formatPath(path)} is not defined`);
  const problem = problemOfContent(content, definition);
  if (problem !== undefined)
    return refusal(ResponseCode.badRequest, `${formatPath(path)} (${definition.name}): ${problem}`);
  const current = mode === 'update' ? context.tree.content(path, context.now) : undefined;
  transaction.write(path, current === undefined ? content : merged(current, content));
  return undefined;
}

/** A partial update of a Multiple Resource adds and replaces the Resource Instances it names. */
function merged(current: ResourceContent, update: ResourceContent): ResourceContent {
  if (current.kind !== 'multiple' || update.kind !== 'multiple') return update;
  return { ...update, values: new Map([...current.values, ...update.values]) };
}

/** The refusal of a payload without a mandatory Resource. */
export function missingMandatory(path: ObjectInstancePath, resource: ResourceDefinition): Refusal {
  return refusal(
    ResponseCode.badRequest,
    `${formatPath(resourceOf(path, resource.id))} (${resource.name}) is mandatory and not in the payload`,
  );
}

function resourceOf(path: ObjectInstancePath, resourceId: number): ResourcePath {
  return pathOf(path.objectId, path.objectInstanceId, resourceId);
}
