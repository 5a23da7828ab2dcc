import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a password costs whoever hashes it (RFC 9106 §3.1). */
export interface PasswordCosts {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/**
 * The second recommended option of RFC 9106 §4, for where memory is not plenty: a guess costs an attacker 64 MiB, and
 * the server a quarter of a second, which nobody notices at a sign-in.
 */
export const passwordCostsDefaults: PasswordCosts = { memory: 65_536, passes: 3, parallelism: 4 };

/** How many hashes are made at one time, and how many may wait: 128 MiB, and some seconds, at the most. */
const atOnce = 2;
const mayWait = 16;

const saltLength = 16;
const tagLength = 32;

/** What became of a password that was compared. */
export type PasswordCheck =
  /** `upgraded` is to be kept instead of the hash, whose costs were others than those of today. */
  | { readonly kind: 'right'; readonly upgraded: string | undefined }
  | { readonly kind: 'wrong' }
  /** Too many are being compared. */
  | { readonly kind: 'busy' };

/** Hashes passwords with Argon2id, in the text form of its reference implementation: `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
export class PasswordHash {
  readonly #costs: PasswordCosts;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(costs: PasswordCosts = passwordCostsDefaults) {
    this.#costs = costs;
  }

  /** Waits as long as it takes: for passwords that are set, not for those that are tried. */
  async make(password: string): Promise<string> {
    const salt = randomBytes(saltLength);
    const tag = await this.#inTurn(() => derive(password, salt, this.#costs));
    const { memory, passes, parallelism } = this.#costs;
    const costs = `m=${memory},t=${passes},p=${parallelism}`;
    return `$argon2id$v=19$${costs}$${unpaddedBase64(salt)}$${unpaddedBase64(tag)}`;
  }

  /** Compares; without a hash it takes as long and finds the password wrong. */
  async check(password: string, hash: string | undefined): Promise<PasswordCheck> {
    if (this.#waiting.length >= mayWait) return { kind: 'busy' };
    const parsed = hash === undefined ? undefined : parse(hash);
    const { salt, tag, costs } = parsed ?? {
      salt: randomBytes(saltLength),
      tag: randomBytes(tagLength),
      costs: this.#costs,
    };
    const actual = await this.#inTurn(() => derive(password, salt, costs));
    const isSame = actual.length === tag.length && timingSafeEqual(actual, tag);
    if (!isSame || parsed === undefined) return { kind: 'wrong' };
    const isCurrent = JSON.stringify(costs) === JSON.stringify(this.#costs);
    return { kind: 'right', upgraded: isCurrent ? undefined : await this.make(password) };
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= atOnce) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      // The place is handed on, so that nobody who comes now takes it before those who wait.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

interface ParsedHash {
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
  readonly costs: PasswordCosts;
}

function parse(hash: string): ParsedHash | undefined {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash);
  if (match === null) return undefined;
  const [, memory, passes, parallelism, salt = '', tag = ''] = match;
  return {
    salt: new Uint8Array(Buffer.from(salt, 'base64')),
    tag: new Uint8Array(Buffer.from(tag, 'base64')),
    costs: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
  };
}

function unpaddedBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

function derive(password: string, nonce: Uint8Array, costs: PasswordCosts): Promise<Uint8Array> {
  // One and the same password may come composed or decomposed, by the keyboard it is typed on (RFC 8265 §4.2).
  const message = password.normalize('NFC');
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, tagLength, ...costs }, (error, tag) => {
      if (error === null) resolve(new Uint8Array(tag));
      else reject(error);
    });
  });
}
