import { ResponseCode } from '@dunlin/coap';

import { type Refusal, refusal } from './refusal.ts';

/** What the query of a Bootstrap-Request says (1.0 §5.2.7.1). */
export interface BootstrapParameters {
  /** Absent only where `isEndpointNameRequired` is false, and the peer's credentials name it. */
  readonly endpointName?: string | undefined;
  /** The names of parameters that 1.0 does not know, such as `pct` of later versions. */
  readonly unknown: readonly string[];
}

/** How strictly the query of a Bootstrap-Request is read. */
export interface BootstrapQueryOptions {
  /** What becomes of parameters that 1.0 does not know: clients of later versions send `pct`. Default `keep`. */
  readonly unknownParameters: 'keep' | 'refuse';
  /** False when the peer's credentials name the endpoint, so that `ep` may be missing. Default true. */
  readonly isEndpointNameRequired: boolean;
}

/** A query is read so when nothing else is said: as the enabler has it. */
export const bootstrapQueryDefaults: BootstrapQueryOptions = {
  unknownParameters: 'keep',
  isEndpointNameRequired: true,
};

/** Names of unknown parameters that are kept: they are for a log line. */
const maxUnknown = 16;

/** The parameters of a Bootstrap-Request, or why it is refused with 4.00. Empty arguments say nothing. */
export function parseBootstrapQuery(
  query: readonly string[],
  options: Readonly<Partial<BootstrapQueryOptions>> = {},
): BootstrapParameters | Refusal {
  const { unknownParameters, isEndpointNameRequired } = { ...bootstrapQueryDefaults, ...options };
  const unknown = new Set<string>();
  let endpointName: string | undefined;
  for (const argument of query) {
    const [name = ''] = argument.split('=', 1);
    if (name === 'ep') {
      if (endpointName !== undefined) return badRequest('the parameter ep appears twice');
      endpointName = argument.slice('ep='.length);
      if (endpointName === '') return badRequest('the endpoint name is empty');
    } else if (argument !== '') {
      const shown = name.slice(0, 32);
      if (unknownParameters === 'refuse')
        return badRequest(`the parameter ${JSON.stringify(shown)} is unknown`);
      if (unknown.size < maxUnknown) unknown.add(shown);
    }
  }
  if (endpointName === undefined && isEndpointNameRequired) {
    return badRequest('the mandatory parameter ep is missing');
  }
  return { ...(endpointName !== undefined && { endpointName }), unknown: [...unknown] };
}

/** The query of a Bootstrap-Request. */
export function formatBootstrapQuery({
  endpointName,
}: Pick<BootstrapParameters, 'endpointName'>): readonly string[] {
  return endpointName === undefined ? [] : [`ep=${endpointName}`];
}

function badRequest(reason: string): Refusal {
  return refusal(ResponseCode.badRequest, reason);
}
