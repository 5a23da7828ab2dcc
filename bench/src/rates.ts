import { driveLinks, Link, runLoad, type Source } from './load.ts';
import { ServerProcess } from './server-process.ts';
import { DeviceSource, echoSource, getSource, NotifyingSource, updateSource } from './sources.ts';

/** What one kind of message reached: the median of the rounds. */
export interface Rate {
  readonly name: string;
  /** Messages a second on the wall clock; the generator shares the machine. */
  readonly perSecond: number;
  /** Microseconds of the server's processor time for each: what to compare. */
  readonly cpuMicroseconds: number;
  /** Bare echo's processor time over this one's, in the same round. */
  readonly ratio: number;
  /** The least ratio that is good enough. */
  readonly budget: number | undefined;
}

export interface RateOptions {
  readonly seconds: number;
  readonly rounds: number;
}

interface Sample {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

/** As many as there are message ids and sockets to spare: 512 closed loops keep one server core busy. */
const sources = 512;

const budgets: Readonly<Record<string, number>> = {
  'CoAP GET': 0.6,
  'LwM2M Register': 0.3,
  'LwM2M Update': 0.45,
  'LwM2M notification (CON)': 0.35,
};

/** Runs echo, GET, Register, Update and notifications in turn, several rounds, and takes medians. */
export async function measureRates(options: RateOptions): Promise<readonly Rate[]> {
  const rounds: Map<string, Sample>[] = [];
  for (let round = 0; round < options.rounds; round += 1) rounds.push(await measureRound(options.seconds));
  const names = [...(rounds[0]?.keys() ?? [])];
  return names.map((name) => {
    const samples = rounds.map((round) => round.get(name) ?? { perSecond: 0, cpuMicroseconds: Infinity });
    const ratios = rounds.map(
      (round) =>
        (round.get('bare dgram echo')?.cpuMicroseconds ?? 0) / (round.get(name)?.cpuMicroseconds ?? Infinity),
    );
    return {
      name,
      perSecond: median(samples.map(({ perSecond }) => perSecond)),
      cpuMicroseconds: median(samples.map(({ cpuMicroseconds }) => cpuMicroseconds)),
      ratio: median(ratios),
      budget: budgets[name],
    };
  });
}

async function measureRound(seconds: number): Promise<Map<string, Sample>> {
  const samples = new Map<string, Sample>();
  {
    await using echo = await ServerProcess.start('echo.ts');
    samples.set('bare dgram echo', await measure(echo, range(echoSource), seconds));
  }
  {
    await using coap = await ServerProcess.start('coap.ts');
    samples.set('CoAP GET', await measure(coap, range(getSource), seconds));
  }
  {
    await using server = await ServerProcess.start('lwm2m.ts');
    const devices = range(
      (index) => new DeviceSource(index, (count) => `urn:dev:bench-${index}-${count}`, Infinity),
    );
    samples.set('LwM2M Register', await measure(server, devices, seconds));
    const updates = devices.map((device, index) => {
      if (device.location === undefined) throw new Error(`device ${index} could not register`);
      return updateSource(index, device.location);
    });
    samples.set('LwM2M Update', await measure(server, updates, seconds));
  }
  {
    await using server = await ServerProcess.start('lwm2m.ts');
    samples.set('LwM2M notification (CON)', await measureNotifications(server, seconds));
  }
  return samples;
}

async function measure(server: ServerProcess, load: readonly Source[], seconds: number): Promise<Sample> {
  await runLoad(load, { port: server.port, seconds: seconds / 3 });
  const before = await server.usage();
  const result = await runLoad(load, { port: server.port, seconds });
  return sample(before.cpu, (await server.usage()).cpu, result);
}

async function measureNotifications(server: ServerProcess, seconds: number): Promise<Sample> {
  const devices = range((index) => new NotifyingSource(index));
  const links = await Promise.all(devices.map((device) => Link.open(device, server.port)));
  await driveLinks(links, { port: server.port, seconds: 30 });
  const patience = performance.now() + 30_000;
  while (!devices.every(({ isObserved }) => isObserved)) {
    if (performance.now() > patience) throw new Error('not every device was observed');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
  await driveLinks(links, { port: server.port, seconds: seconds / 3 });
  const [before, heardBefore] = [await server.usage(), await server.ask<number>('notifications')];
  const result = await driveLinks(links, { port: server.port, seconds });
  const [after, heardAfter] = [await server.usage(), await server.ask<number>('notifications')];
  if (heardAfter - heardBefore < result.answers) {
    throw new Error(
      `${result.answers} notifications were acknowledged, the application heard ${heardAfter - heardBefore}`,
    );
  }
  await Promise.all(links.map((link) => link.close()));
  return sample(before.cpu, after.cpu, result);
}

function sample(
  cpuBefore: number,
  cpuAfter: number,
  result: {
    readonly answers: number;
    readonly wrong: number;
    readonly lost: number;
    readonly seconds: number;
  },
): Sample {
  if (result.answers === 0 || result.wrong > 0 || result.lost > result.answers / 100) {
    throw new Error(`a spoilt run: ${JSON.stringify(result)}`);
  }
  return {
    perSecond: result.answers / result.seconds,
    cpuMicroseconds: (cpuAfter - cpuBefore) / result.answers,
  };
}

function range<T>(make: (index: number) => T): T[] {
  return Array.from({ length: sources }, (_, index) => make(index));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
