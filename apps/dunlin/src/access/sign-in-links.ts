import { newSecretText, secretHash } from './secret-text.ts';

/** How long a link may be used: the time to see it and to click. */
const validFor = 10 * 60 * 1000;

/** Links at one time. */
const most = 100;

interface Link {
  readonly user: string;
  readonly validUntil: number;
}

/** Codes that sign a user in without a password, each once and for a short time; they are in memory only. */
export class SignInLinks {
  readonly #clock: () => number;
  readonly #links = new Map<string, Link>();

  /** `clock` gives milliseconds and never runs backwards. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  create(user: string): string {
    const code = newSecretText();
    this.#links.set(keyOf(code), { user, validUntil: this.#clock() + validFor });
    const [oldest] = this.#links.keys();
    if (this.#links.size > most && oldest !== undefined) this.#links.delete(oldest);
    return code;
  }

  /** The user whom the code signs in; from then on it signs in nobody. */
  take(code: string): string | undefined {
    const key = keyOf(code);
    const link = this.#links.get(key);
    this.#links.delete(key);
    return link === undefined || link.validUntil < this.#clock() ? undefined : link.user;
  }
}

/** By its hash, so that the time of the look-up tells nothing of the codes there are. */
function keyOf(code: string): string {
  return Buffer.from(secretHash(code)).toString('base64');
}
