import type { PeerState } from '../peer-state.ts';
import { Transmission } from './transmission.ts';

/** An empty confirmable message that asks for a Reset as a sign of life (RFC 7252 §1.2, CR-4.9). */
export class Ping extends Transmission {
  readonly kind = 'ping';
  /** True when it is ours, to see whether the peer receives at its address (CR-11.2), and nobody asked for it. */
  readonly isValidation: boolean;

  constructor(peer: PeerState, isValidation: boolean) {
    super(peer);
    this.isValidation = isValidation;
  }
}
