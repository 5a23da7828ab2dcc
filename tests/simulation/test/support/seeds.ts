import { describeDatagram, type SimulatedNetwork } from '@dunlin/simulation';

/** What the environment asks for: `DUNLIN_SEED=N` one seed, `DUNLIN_SEEDS=N` so many of each scenario, `DUNLIN_TRACE=1` every datagram. */
const only = numberFrom('DUNLIN_SEED');
const wanted = numberFrom('DUNLIN_SEEDS');
export const isTraced = process.env['DUNLIN_TRACE'] === '1';

/** How many seeds a scenario runs over; `usual` when the environment says nothing. */
export function seedsOf(usual: number): readonly number[] {
  if (only !== undefined) return [only];
  return Array.from({ length: wanted ?? usual }, (_, index) => index + 1);
}

/** Runs a scenario over its seeds, and says of those that fail how to see them again. */
export async function forEachSeed(
  usual: number,
  file: string,
  scenario: (seed: number) => Promise<void> | void,
): Promise<void> {
  const failures = new Map<string, { readonly seeds: number[]; readonly error: unknown }>();
  for (const seed of seedsOf(usual)) {
    try {
      await scenario(seed);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const kind = message.replaceAll(/\d+/g, '#');
      const failure = failures.get(kind) ?? { seeds: [], error };
      failure.seeds.push(seed);
      failures.set(kind, failure);
    }
  }
  if (failures.size > 0) throw new Error(describeFailures(failures, file));
}

function describeFailures(
  failures: ReadonlyMap<string, { readonly seeds: readonly number[]; readonly error: unknown }>,
  file: string,
): string {
  const ordered = [...failures.values()].sort((a, b) => b.seeds.length - a.seeds.length);
  return ordered
    .map(({ seeds, error }) => {
      const shown = seeds.slice(0, 10).join(', ');
      const replay = `DUNLIN_SEED=${seeds[0]} DUNLIN_TRACE=1 npx node --conditions=dunlin:source --test tests/simulation/test/${file}`;
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return `${seeds.length} seeds (${shown}${seeds.length > 10 ? ' …' : ''}) fail alike; see the first with\n  ${replay}\n${reason}`;
    })
    .join('\n\n');
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
