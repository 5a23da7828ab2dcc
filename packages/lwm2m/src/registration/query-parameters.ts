import { ResponseCode } from '@dunlin/coap';

import { type Refusal, refusal } from '../refusal.ts';

/** The parameters of Register and Update that 1.0 knows. */
export type ParameterName = 'ep' | 'lt' | 'lwm2m' | 'b' | 'sms';

/** A query taken apart. */
export interface QueryParameters {
  readonly known: ReadonlyMap<ParameterName, string>;
  readonly additional: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/**
 * The arguments of a query by their names, split at the first `=`. A known parameter that has no value or
 * is repeated, too many unknown ones, or any of these where they are to be refused, is a refusal with 4.00.
 * Of repeated unknown ones the last counts. Empty arguments say nothing.
 */
export function splitParameters(
  query: readonly string[],
  limits: {
    readonly unknownParameters: 'keep' | 'refuse';
    readonly maxAdditionalParameters: number;
  },
): QueryParameters | Refusal {
  const known = new Map<ParameterName, string>();
  const additional = new Map<string, string>();
  const warnings: string[] = [];
  for (const argument of query) {
    const equals = argument.indexOf('=');
    const name = equals === -1 ? argument : argument.slice(0, equals);
    const value = equals === -1 ? '' : argument.slice(equals + 1);
    if (isParameter(name)) {
      if (known.has(name)) return refusal(ResponseCode.badRequest, `the parameter ${name} appears twice`);
      if (equals === -1) return refusal(ResponseCode.badRequest, `the parameter ${name} has no value`);
      known.set(name, value);
      continue;
    }
    const problem = checkUnknown(name, limits.unknownParameters);
    if (problem !== undefined) return problem;
    if (name === '') continue;
    if (additional.has(name))
      warnings.push(`The parameter ${shown(name)} appears twice: the last one counts.`);
    additional.set(name, value);
    if (additional.size > limits.maxAdditionalParameters) {
      return refusal(ResponseCode.badRequest, 'there are too many unknown parameters');
    }
  }
  return { known, additional: Object.fromEntries(additional), warnings };
}

function checkUnknown(name: string, unknownParameters: 'keep' | 'refuse'): Refusal | undefined {
  if (name === 'Q') {
    return refusal(
      ResponseCode.badRequest,
      'the parameter Q is not defined in LwM2M 1.0: queue mode is a part of b',
    );
  }
  if (unknownParameters === 'keep') return undefined;
  return refusal(ResponseCode.badRequest, `the parameter ${shown(name)} is unknown`);
}

const parameterNames: ReadonlySet<string> = new Set<ParameterName>(['ep', 'lt', 'lwm2m', 'b', 'sms']);

function isParameter(name: string): name is ParameterName {
  return parameterNames.has(name);
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 32));
}
