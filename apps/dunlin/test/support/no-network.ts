import { instantFrom, seededRandom } from '@dunlin/base';
import { type Binding, udpPeer } from '@dunlin/coap';

/** A binding that reaches nobody; its clock stands. */
export const noNetwork: Binding = {
  open: (driven) => {
    const drain = (): void => {
      while (driven.poll() !== undefined);
    };
    return Promise.resolve({
      local: { address: '127.0.0.1', port: 1, uri: 'coap://127.0.0.1:1' },
      random: seededRandom(1),
      now: () => instantFrom(Date.UTC(2026, 0, 1)),
      flush: drain,
      peer: udpPeer,
      resolve: (_host, port) => Promise.resolve(udpPeer('127.0.0.1', port)),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
};
