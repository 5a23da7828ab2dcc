import { compete, type Contender, type ContestOptions, type Round, type Sample } from './contest.ts';
import { Lane } from './contenders/lane.ts';
import { bareEcho, coapGet, notifications, registration, shellEcho } from './contenders/plain.ts';
import { pskHandshake, rawPublicKeyHandshake, securedGet } from './contenders/secured.ts';

/** What one kind of message reached: the median of the rounds. */
export interface Rate {
  readonly name: string;
  /** Messages, or handshakes, a second on the wall clock; the generator shares the machine. */
  readonly perSecond: number;
  /** Microseconds of the server's processor time for each: what to compare. */
  readonly cpuMicroseconds: number;
  /** What the ratio is to. */
  readonly baseline: string;
  /** The baseline's processor time over this one's, in the same round; the median of the rounds. */
  readonly ratio: number;
  /** The least and greatest ratio of a round: how far to trust it. */
  readonly range: readonly [number, number];
}

const echo = 'dgram echo, as the shell';

/** What is not compared with the echo. */
const baselines: Readonly<Record<string, string>> = { 'CoAP GET over PSK-CCM-8': 'CoAP GET' };

/** Lets everything that goes through UDP take turns, and takes medians. */
export async function measureRates(options: ContestOptions): Promise<readonly Rate[]> {
  await using stack = new AsyncDisposableStack();
  const rounds = await compete(await openContenders(new Lane(stack)), options);
  return [...(rounds[0]?.keys() ?? [])].map((name) => rateOf(name, rounds));
}

async function openContenders(lane: Lane): Promise<readonly Contender[]> {
  return [
    await bareEcho(lane),
    await shellEcho(lane),
    await coapGet(lane),
    ...(await registration(lane, 'memory', { register: 'LwM2M Register', update: 'LwM2M Update' })),
    ...(await registration(lane, 'sqlite', { register: 'Register in SQLite', update: 'Update in SQLite' })),
    await notifications(lane),
    await securedGet(lane),
    await pskHandshake(lane),
    await rawPublicKeyHandshake(lane),
  ];
}

function rateOf(name: string, rounds: readonly Round[]): Rate {
  const baseline = baselines[name] ?? echo;
  const samples = rounds.map((round) => sampleOf(round, name));
  const ratios = rounds.map(
    (round) => sampleOf(round, baseline).cpuMicroseconds / sampleOf(round, name).cpuMicroseconds,
  );
  return {
    name,
    perSecond: median(samples.map(({ perSecond }) => perSecond)),
    cpuMicroseconds: median(samples.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    baseline,
    ratio: median(ratios),
    range: [Math.min(...ratios), Math.max(...ratios)],
  };
}

function sampleOf(round: Round, name: string): Sample {
  const sample = round.get(name);
  if (sample === undefined) throw new Error(`nothing was measured of ${name}`);
  return sample;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
