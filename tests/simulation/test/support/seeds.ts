import { describeDatagram, type SimulatedNetwork } from '@dunlin/simulation';

/** What the environment asks for: `DUNLIN_SEED=N` one seed, `DUNLIN_SEEDS=N` so many of each scenario, `DUNLIN_TRACE=1` every datagram. */
const only = numberFrom('DUNLIN_SEED');
const wanted = numberFrom('DUNLIN_SEEDS');
const isTraced = process.env['DUNLIN_TRACE'] === '1';

/** How many seeds a scenario runs over; `usual` when the environment says nothing. */
export function seedsOf(usual: number): readonly number[] {
  if (only !== undefined) return [only];
  return Array.from({ length: wanted ?? usual }, (_, index) => index + 1);
}

/** Runs a scenario over its seeds, and says of the first that fails how to see it again. */
export async function forEachSeed(
  usual: number,
  file: string,
  scenario: (seed: number) => Promise<void> | void,
): Promise<void> {
  for (const seed of seedsOf(usual)) {
    try {
      await scenario(seed);
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const replay = `DUNLIN_SEED=${seed} DUNLIN_TRACE=1 npx node --conditions=dunlin:source --test tests/simulation/test/${file}`;
      throw new Error(`seed ${seed} fails; see it again with\n  ${replay}\n${reason}`, { cause: error });
    }
  }
}

/** Prints every datagram of a network when `DUNLIN_TRACE=1`. */
export function traceWhenAsked(network: SimulatedNetwork): void {
  if (!isTraced) return;
  const start = network.clock.now;
  network.watch((datagram) => process.stdout.write(`${describeDatagram(datagram, start)}\n`));
}

/** Prints what a scenario does when `DUNLIN_TRACE=1`. */
export function note(network: SimulatedNetwork, start: number, text: string): void {
  if (!isTraced) return;
  process.stdout.write(`${((network.clock.now - start) / 1000).toFixed(3).padStart(10)} -- ${text}\n`);
}

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${name} is a whole number, not ${text}`);
  return value;
}
