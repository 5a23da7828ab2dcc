import type { Registration } from '../registration.ts';
import type { RegistrationTerms } from './registration-entry.ts';

/** How many different terms are kept for one object list; beyond it a device simply has its own. */
const maxTermsPerModel = 64;

/**
 * Finds the one object for terms that are equal. Object lists are compared by identity: whoever parses or
 * loads them shares them already. Holds lists weakly, so that what no device has any more goes.
 */
export class TermsCache {
  readonly #byObjects = new WeakMap<object, RegistrationTerms[]>();

  termsOf(registration: Registration): RegistrationTerms {
    let known = this.#byObjects.get(registration.objects);
    if (known === undefined) this.#byObjects.set(registration.objects, (known = []));
    for (const terms of known) if (isSame(terms, registration)) return terms;
    const { lifetime, version, bindingMode, localUri, rootPath, objects, contentFormats } = registration;
    const terms = { lifetime, version, bindingMode, localUri, rootPath, objects, contentFormats };
    if (known.length < maxTermsPerModel) known.push(terms);
    return terms;
  }
}

function isSame(terms: RegistrationTerms, registration: Registration): boolean {
  return (
    terms.lifetime === registration.lifetime &&
    terms.bindingMode === registration.bindingMode &&
    terms.contentFormats === registration.contentFormats &&
    terms.rootPath === registration.rootPath &&
    terms.localUri === registration.localUri &&
    terms.version === registration.version
  );
}
