import type { LoadResult } from './load.ts';
import type { ServerProcess } from './server-process.ts';

/** One kind of message, its server and its load, ready to run whenever it is its turn. */
export interface Contender {
  readonly name: string;
  readonly server: ServerProcess;
  /** Puts the server under load. Throws when what came back was not what was asked for. */
  readonly run: (seconds: number) => Promise<LoadResult>;
}

/** What one kind of message cost and reached in one round. */
export interface Sample {
  readonly perSecond: number;
  /** Of the server's processor time, system and user. */
  readonly cpuMicroseconds: number;
}

/** By name of the contender. */
export type Round = ReadonlyMap<string, Sample>;

/**
 * Lets the contenders take turns, round after round, so that whatever else the machine does falls on all of them. The
 * first round is for the compilers and does not count.
 */
export async function compete(
  contenders: readonly Contender[],
  options: { readonly rounds: number; readonly seconds: number },
): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round <= options.rounds; round += 1) {
    const samples = new Map<string, Sample>();
    for (const contender of contenders) samples.set(contender.name, await sample(contender, options.seconds));
    if (round > 0) rounds.push(samples);
  }
  return rounds;
}

async function sample({ name, server, run }: Contender, seconds: number): Promise<Sample> {
  const before = await server.usage();
  const result = await run(seconds);
  const after = await server.usage();
  if (result.answers === 0 || result.wrong > 0 || result.lost > result.answers / 100) {
    throw new Error(`${name}: a spoilt run: ${JSON.stringify(result)}`);
  }
  return {
    perSecond: result.answers / result.seconds,
    cpuMicroseconds: (after.cpu - before.cpu) / result.answers,
  };
}
