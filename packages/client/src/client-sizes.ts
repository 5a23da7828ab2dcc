import type { CoapEndpoint } from '@dunlin/coap';

/** How much a client remembers at the moment. */
export interface ClientSizes {
  readonly coap: CoapEndpoint['sizes'];
  /** Of all Servers. */
  readonly observations: number;
  /** Paths with attributes, of all Servers. */
  readonly attributePaths: number;
  /** What waits to be taken by the shell. */
  readonly pendingOutputs: number;
}
