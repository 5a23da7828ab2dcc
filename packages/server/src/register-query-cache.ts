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
  /** The query of the device before, which usually is that of the next: found without making a key. */
  #last: { readonly rest: readonly string[]; readonly parameters: RegistrationParameters } | undefined;

  /** What a query says, or why it is refused. A missing name is for the caller to judge. */
  parse(query: readonly string[], options: Partial<RegistrationQueryOptions>): ParsedRegisterQuery | Refusal {
    const position = query.findIndex((argument) => argument.startsWith('ep='));
    const endpointName = query[position]?.slice(3);
    if (this.#last !== undefined && isSame(query, position, this.#last.rest)) {
      return { endpointName, parameters: this.#last.parameters };
    }
    const rest = query.filter((_, index) => index !== position);
    // Each with its length in front, so that no argument can pass for two.
    const key = rest.map((argument) => `${argument.length} ${argument}`).join('');
    const parameters = this.#parsed.get(key) ?? this.#parse(query, key, options);
    if (isRefusal(parameters)) return parameters;
    this.#last = { rest, parameters };
    return { endpointName, parameters };
  }

  #parse(
    query: readonly string[],
    key: string,
    options: Partial<RegistrationQueryOptions>,
  ): RegistrationParameters | Refusal {
    const parameters = parseRegistrationQuery(query, { ...options, isEndpointNameRequired: false });
    if (isRefusal(parameters)) return parameters;
    if (this.#parsed.size >= capacity) this.#parsed.clear();
    this.#parsed.set(key, parameters);
    return parameters;
  }
}

/** True when the query without the argument at `position` is `rest`. */
function isSame(query: readonly string[], position: number, rest: readonly string[]): boolean {
  if (query.length !== rest.length + (position === -1 ? 0 : 1)) return false;
  return rest.every(
    (argument, index) => argument === query[position === -1 || index < position ? index : index + 1],
  );
}
