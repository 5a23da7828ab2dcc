import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

/** Milliseconds that something may take to come true: generous, because test machines are busy. */
const patience = 120_000;

/** Milliseconds between two looks. */
const interval = 5;

/**
 * Looks again and again until what is seen is neither `false` nor `undefined`, and gives it; rejects after two minutes.
 * `what` says then what was waited for, and whatever tells why it did not come; without it the condition speaks for itself.
 */
export async function until<Seen>(
  look: () => Seen | Promise<Seen>,
  what: () => string = () => String(look),
): Promise<Exclude<Seen, false | undefined>> {
  const end = performance.now() + patience;
  for (;;) {
    const seen = await look();
    if (isThere(seen)) return seen;
    if (performance.now() > end) throw new Error(`it was not so within two minutes: ${what()}`);
    await delay(interval);
  }
}

/** Looks again and again until what is seen fits, and gives it; what was seen last is told where it never does. */
export async function untilFits<Seen>(
  look: () => Seen | Promise<Seen>,
  fits: (seen: Seen) => boolean,
): Promise<Seen> {
  let last: Seen | undefined;
  const { found } = await until(
    async () => {
      last = await look();
      return fits(last) && { found: last };
    },
    () => `${String(fits)}\nlast seen: ${inspect(last, { depth: 5 })}`,
  );
  return found;
}

function isThere<Seen>(seen: Seen): seen is Exclude<Seen, false | undefined> {
  return seen !== false && seen !== undefined;
}
