import { utf8Decode } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import { canonicalObjectLinks, isRefusal, parseObjectLinks, type Refusal, refusal } from '@dunlin/lwm2m';

import type { RegisteredModel } from './registration.ts';

/** An object list as it was understood. */
export interface ParsedModel {
  readonly model: RegisteredModel;
  /** What was passed over, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Object lists by their text: the second device of a make is not parsed, and shares the result with the
 * first, and so does one that only orders or spells its list in another way. Bounded by the length of the texts; the oldest go, and are then simply parsed again.
 */
export class ModelCache {
  readonly #byText = new Map<string, ParsedModel>();
  readonly #byCanonicalText = new Map<string, RegisteredModel>();
  readonly #capacity: number;
  #length = 0;

  /** `capacity` is in characters. */
  constructor(capacity: number = 4_194_304) {
    this.#capacity = capacity;
  }

  /** What an object list says, or why it is refused. */
  parse(payload: Uint8Array): ParsedModel | Refusal {
    const text = utf8Decode(payload);
    if (text === undefined) return refusal(ResponseCode.badRequest, 'the object list is not UTF-8');
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const parsed = parseModel(payload);
    return isRefusal(parsed) ? parsed : this.#keep(text, parsed);
  }

  #keep(text: string, { model, warnings }: ParsedModel): ParsedModel {
    this.#length += text.length;
    for (const oldest of this.#byText.keys()) {
      if (this.#length <= this.#capacity) break;
      this.#byText.delete(oldest);
      this.#length -= oldest.length;
    }
    const parsed = { model: this.#shared(model), warnings };
    this.#byText.set(text, parsed);
    return parsed;
  }

  #shared(model: RegisteredModel): RegisteredModel {
    const canonicalText = canonicalObjectLinks(model);
    const known = this.#byCanonicalText.get(canonicalText);
    if (known !== undefined) return known;
    if (this.#byCanonicalText.size >= maxModels) this.#byCanonicalText.clear();
    this.#byCanonicalText.set(canonicalText, model);
    return model;
  }
}

/** Different lists that are shared across spellings. */
const maxModels = 10_000;

function parseModel(payload: Uint8Array): ParsedModel | Refusal {
  const links = parseObjectLinks(payload);
  if (isRefusal(links)) return links;
  const { rootPath, contentFormats, objects, warnings } = links;
  return { model: { rootPath, objects, contentFormats }, warnings };
}
