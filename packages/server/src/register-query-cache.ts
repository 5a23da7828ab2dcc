import {
  isRefusal,
  parseRegistrationQuery,
  type Refusal,
  type RegistrationParameters,
  type RegistrationQueryOptions,
} from '@dunlin/lwm2m';

/** A query of a Register taken apart. */
export interface ParsedRegisterQuery {
  /** The value of `ep`; absent when there is none. */
  readonly endpointName: string | undefined;
  /** All else. */
  readonly parameters: RegistrationParameters;
}

/** Different queries that are remembered; a fleet has a handful. */
const capacity = 1024;

/**
 * The queries of Registers, understood once: thousands of devices say the same but for their name. What
 * devices have in common is one object for all of them.
 */
export class RegisterQueryCache {
  readonly #parsed = new Map<string, RegistrationParameters>();

  /** What a query says, or why it is refused. A missing name is for the caller to judge. */
  parse(query: readonly string[], options: Partial<RegistrationQueryOptions>): ParsedRegisterQuery | Refusal {
    let endpointName: string | undefined;
    let key = '';
    for (const argument of query) {
      if (endpointName === undefined && argument.startsWith('ep=')) endpointName = argument.slice(3);
      // With its length in front, so that no argument can pass for two.
      else key += `${argument.length} ${argument}`;
    }
    const known = this.#parsed.get(key);
    if (known !== undefined) return { endpointName, parameters: known };
    return this.#parse(query, key, endpointName, options);
  }

  #parse(
    query: readonly string[],
    key: string,
    endpointName: string | undefined,
    options: Partial<RegistrationQueryOptions>,
  ): ParsedRegisterQuery | Refusal {
    const parameters = parseRegistrationQuery(query, { ...options, isEndpointNameRequired: false });
    if (isRefusal(parameters)) return parameters;
    if (this.#parsed.size >= capacity) this.#parsed.clear();
    this.#parsed.set(key, parameters);
    return { endpointName, parameters };
  }
}
