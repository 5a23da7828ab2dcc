import { ContentFormat, type Peer, ResponseCode } from '@dunlin/coap';
import {
  formatEnablerVersion,
  isRefusal,
  parseUpdateQuery,
  problemOfEndpointName,
  type Refusal,
  refusal,
  type RegistrationParameters,
  type RegistrationQueryOptions,
  type UpdateParameters,
} from '@dunlin/lwm2m';

import type { Call } from './listener.ts';
import type { ModelCache } from './model-cache.ts';
import type { RegisterQueryCache } from './register-query-cache.ts';
import type { RegisteredModel, Registration } from './registration.ts';
import type { ServerContext } from './server-context.ts';

/** A Register that is understood. */
export interface RegisterRequest {
  readonly endpointName: string;
  readonly version: string;
  readonly parameters: RegistrationParameters;
  readonly model: RegisteredModel;
  readonly warnings: readonly string[];
}

/** An Update that is understood. */
export interface UpdateRequest {
  readonly parameters: UpdateParameters;
  /** Absent when the object list did not change. */
  readonly model?: RegisteredModel | undefined;
  readonly warnings: readonly string[];
}

/** What of the server decides how requests are read. */
type Rules = Pick<ServerContext, 'limits' | 'isStrict'>;

/** What was understood before, and need not be again. */
export interface RegistrationCaches {
  readonly models: ModelCache;
  readonly queries: RegisterQueryCache;
}

/** Reads a Register, or says why it is refused. */
export function parseRegister(
  { request, peer }: Call,
  rules: Rules,
  { models, queries }: RegistrationCaches,
): RegisterRequest | Refusal {
  if (!request.isConfirmable) return refusal(ResponseCode.badRequest, 'a Register must be confirmable');
  const query = queries.parse(request.uriQuery, queryOptions(rules));
  if (isRefusal(query)) return query;
  const { parameters } = query;
  const endpointName = query.endpointName ?? endpointNameOf(peer);
  if (endpointName === undefined)
    return refusal(ResponseCode.badRequest, 'the mandatory parameter ep is missing');
  const problem =
    checkEndpointName(endpointName, rules) ??
    checkLifetime(parameters.lifetime, rules) ??
    checkLinks(request, rules);
  if (problem !== undefined) return problem;
  if (request.payload.length === 0) return refusal(ResponseCode.badRequest, 'the object list is missing');
  const parsed = models.parse(request.payload);
  if (isRefusal(parsed)) return parsed;
  if (rules.isStrict && parsed.warnings[0] !== undefined) {
    return refusal(ResponseCode.badRequest, parsed.warnings[0]);
  }
  return {
    endpointName,
    version: formatEnablerVersion(parameters.version),
    parameters,
    model: parsed.model,
    warnings: allOf(parameters.warnings, parsed.warnings),
  };
}

/** Reads an Update that changes something, or says why it is refused. */
export function parseUpdate(
  { request }: Call,
  rules: Rules,
  { models }: RegistrationCaches,
): UpdateRequest | Refusal {
  const parameters = parseUpdateQuery(request.uriQuery, queryOptions(rules));
  if (isRefusal(parameters)) return parameters;
  const { lifetime } = parameters;
  const problem =
    (lifetime === undefined ? undefined : checkLifetime(lifetime, rules)) ?? checkLinks(request, rules);
  if (problem !== undefined) return problem;
  if (request.payload.length === 0) return { parameters, warnings: parameters.warnings };
  const parsed = models.parse(request.payload);
  if (isRefusal(parsed)) return parsed;
  if (rules.isStrict && parsed.warnings[0] !== undefined) {
    return refusal(ResponseCode.badRequest, parsed.warnings[0]);
  }
  return { parameters, model: parsed.model, warnings: allOf(parameters.warnings, parsed.warnings) };
}

/** Additional parameters after an Update: those of before, with the new ones over them. */
export function mergeParameters(
  before: Registration['additional'],
  changes: Registration['additional'],
  limit: number,
): Registration['additional'] {
  if (Object.keys(changes).length === 0) return before;
  return Object.fromEntries(Object.entries({ ...before, ...changes }).slice(0, limit));
}

/** The name that the peer's credentials carry; a PSK identity usually is the endpoint name. */
function endpointNameOf({ security }: Peer): string | undefined {
  return security.kind === 'psk' && security.identity !== '' ? security.identity : undefined;
}

function queryOptions({ limits, isStrict }: Rules): Partial<RegistrationQueryOptions> {
  return {
    unknownParameters: isStrict ? 'refuse' : 'keep',
    maxLifetime: limits.maximumLifetime,
    maxAdditionalParameters: limits.additionalParameters,
  };
}

function allOf(first: readonly string[], second: readonly string[]): readonly string[] {
  if (first.length === 0) return second;
  return second.length === 0 ? first : [...first, ...second];
}

function checkEndpointName(name: string, { limits }: Rules): Refusal | undefined {
  const problem = problemOfEndpointName(name, limits.endpointNameLength);
  return problem === undefined ? undefined : refusal(ResponseCode.badRequest, `the endpoint name ${problem}`);
}

function checkLifetime(lifetime: number, { limits }: Rules): Refusal | undefined {
  if (lifetime >= limits.minimumLifetime) return undefined;
  const reason = `the lifetime is shorter than the ${limits.minimumLifetime} s that this server takes`;
  return refusal(ResponseCode.badRequest, reason);
}

/**
 * Size and format of the object list. Devices in the field leave the Content-Format away or name another
 * one, so that it only counts for a strict server.
 */
function checkLinks(request: Call['request'], { limits, isStrict }: Rules): Refusal | undefined {
  const { payload, contentFormat } = request;
  if (payload.length > limits.linksLength) {
    const reason = `the object list is longer than ${limits.linksLength} bytes`;
    return refusal(ResponseCode.requestEntityTooLarge, reason);
  }
  if (isStrict && payload.length > 0 && contentFormat !== ContentFormat.linkFormat) {
    const reason = 'the object list must come with Content-Format 40';
    return refusal(ResponseCode.unsupportedContentFormat, reason);
  }
  return undefined;
}
