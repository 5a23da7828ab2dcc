export { describeDatagram, describeMessage } from './describe-datagram.ts';
export {
  type NetworkConditions,
  type NetworkCounts,
  type ObservedDatagram,
  perfectConditions,
  roughConditions,
  SimulatedNetwork,
} from './simulated-network.ts';
export { SimulatedShell } from './simulated-shell.ts';
export { VirtualClock } from './virtual-clock.ts';
