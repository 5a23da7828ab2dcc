export { describeDatagram, describeMessage } from './describe-datagram.ts';
export { SimulatedCarrier } from './simulated-carrier.ts';
export {
  type CarriedMessage,
  type MessageCentreConditions,
  perfectCentre,
  roughCentre,
  SimulatedMessageCentre,
} from './simulated-message-centre.ts';
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
