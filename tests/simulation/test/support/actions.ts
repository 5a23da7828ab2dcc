import type { SimulatedDevice } from './simulated-device.ts';
import type { Workload } from './workload.ts';

/** Something that a workload may do, and how often compared with others. */
export type Action = readonly [
  weight: number,
  name: string,
  run: (workload: Workload, device: SimulatedDevice) => void,
];

/** What happens to devices and servers on their own. */
export const disasters: readonly Action[] = [
  [2, 'change of network', (workload, device) => workload.changeNetwork(device)],
  [2, 'silent rebinding', (workload, device) => workload.rebindSilently(device)],
  [2, 'blackout', (workload) => workload.blackOut()],
  [4, 'noise', (workload, device) => workload.makeNoise(device)],
  [1, 'administrative removal', (workload, device) => workload.deregister(device)],
  [1, 'restart of the server', (workload) => workload.restartServer()],
  [1, 'restart of the device', (workload, device) => workload.restartDevice(device)],
  [1, 'goodbye of the device', (workload, device) => workload.closeDevice(device)],
];

/** What a workload may do; disasters are rarer than operations. */
export const usualActions: readonly Action[] = [
  [12, 'execute', (workload, device) => workload.execute(device)],
  [10, 'write a pair', (workload, device) => workload.writePair(device)],
  [6, 'write alone', (workload, device) => workload.writeAlone(device)],
  [8, 'read', (workload, device) => workload.readPair(device)],
  [2, 'write a blob', (workload, device) => workload.writeBlob(device)],
  [2, 'read a blob', (workload, device) => workload.readBlob(device)],
  [4, 'create', (workload, device) => workload.create(device)],
  [3, 'delete', (workload, device) => workload.delete(device)],
  [8, 'observe', (workload, device) => workload.observe(device)],
  [3, 'cancel', (workload, device) => workload.cancel(device)],
  [3, 'write attributes', (workload, device) => workload.writeAttributes(device)],
  [20, 'grow', (_, device) => device.grow()],
  [3, 'update', (_, device) => device.client?.update()],
  ...disasters,
];
