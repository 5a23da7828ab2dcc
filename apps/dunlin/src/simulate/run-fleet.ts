import { setTimeout as wait } from 'node:timers/promises';

import { udp } from '@dunlin/node';

import { type FleetPlan, socketPlans } from './simulated-fleet.ts';
import { type FleetCounts, SimulatedSocket } from './simulated-socket.ts';

/** A fleet that runs, until it is disposed. */
export interface RunningFleet extends AsyncDisposable {
  readonly counts: Readonly<FleetCounts>;
  /** Lets every device deregister, for so many milliseconds at most. */
  leave(patience: number): Promise<void>;
}

/** Opens the sockets of a fleet and lets it register. Rejects with a `TransmissionError` when one cannot be opened. */
export async function runFleet(
  plan: Readonly<FleetPlan>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<RunningFleet> {
  await using opened = new AsyncDisposableStack();
  const counts: FleetCounts = {
    registered: 0,
    registrations: 0,
    updates: 0,
    deregistrations: 0,
    failures: 0,
    answered: 0,
  };
  const sockets: SimulatedSocket[] = [];
  const address = host.includes(':') ? '::' : '0.0.0.0';
  for (const each of socketPlans(plan)) {
    const socket = new SimulatedSocket(each, plan.lifetime, counts);
    const shell = opened.use(await udp({ port: 0, address }).open(socket));
    socket.start(shell, await shell.resolve(host, port));
    sockets.push(socket);
  }
  const resources = opened.move();
  return {
    counts,
    async leave(patience) {
      for (const socket of sockets) socket.leave();
      const end = performance.now() + patience;
      while (sockets.some(({ isIdle }) => !isIdle) && performance.now() < end) await wait(50);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
