import { Transmission } from './transmission.ts';

/** An empty confirmable message that asks for a Reset as a sign of life (RFC 7252 §1.2, CR-4.9). */
export class Ping extends Transmission {
  readonly kind = 'ping';
}
