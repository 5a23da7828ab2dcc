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

export interface ContestOptions {
  /** How many turns of each contender count. */
  readonly rounds: number;
  /** How much processor time its server uses in a turn. */
  readonly seconds: number;
}

/** Processor time until the compilers have settled. */
const warmUp = 2;

/** A server that gets so little of the processor is not waited for any longer. */
const patience = 60;

/** How long the load is on before the processor time is looked at again. */
const slice = 0.25;

/**
 * Lets the contenders take turns, round after round, so that whatever else the machine does falls on all of them. Turns
 * are as long as their server's processor time, however little of it there is.
 */
export async function compete(
  contenders: readonly Contender[],
  options: ContestOptions,
): Promise<readonly Round[]> {
  for (const contender of contenders) await sample(contender, warmUp);
  const rounds: Round[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const samples = new Map<string, Sample>();
    for (const contender of contenders) samples.set(contender.name, await sample(contender, options.seconds));
    rounds.push(samples);
  }
  return rounds;
}

async function sample({ name, server, run }: Contender, cpuSeconds: number): Promise<Sample> {
  const { cpu: before } = await server.usage();
  let cpu = 0;
  let answers = 0;
  let seconds = 0;
  while (cpu < cpuSeconds * 1e6) {
    const result = await run(slice);
    if (result.answers === 0 || result.wrong > 0 || result.lost > result.answers / 100) {
      throw new Error(`${name}: a spoilt run: ${JSON.stringify(result)}`);
    }
    answers += result.answers;
    seconds += result.seconds;
    cpu = (await server.usage()).cpu - before;
    if (seconds > patience) throw new Error(`${name}: this machine has no time for its server`);
  }
  return { perSecond: answers / seconds, cpuMicroseconds: cpu / answers };
}
