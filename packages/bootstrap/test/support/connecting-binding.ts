import type { Binding, Driven, Peer, PeerSecurity, Shell } from '@dunlin/coap';

/**
 * A binding that begins associations: whoever is resolved has proved to be `security`, and datagrams go to and come
 * from him alone. DTLS on the client's side without the cryptography.
 */
export function connectingBinding(binding: Binding, security: PeerSecurity): Binding {
  const securedPeer = (address: Peer): Peer => ({ ...address, key: `dtls:${address.key}`, security });
  return {
    open: async (driven: Driven): Promise<Shell> => {
      const addresses = new Map<string, Peer>();
      const shell = await binding.open({
        get deadline() {
          return driven.deadline;
        },
        handle: (datagram, from, now) => {
          const peer = securedPeer(from);
          if (addresses.has(peer.key)) driven.handle(datagram, peer, now);
        },
        wake: (now) => driven.wake(now),
        poll: () => {
          const outgoing = driven.poll();
          const address = addresses.get(outgoing?.peer.key ?? '');
          return outgoing === undefined || address === undefined
            ? undefined
            : { peer: address, datagram: outgoing.datagram };
        },
      });
      const { local } = shell;
      return {
        local: { ...local, uri: local.uri.replace('coap:', 'coaps:') },
        random: shell.random,
        now: () => shell.now(),
        flush: () => shell.flush(),
        peer: (address, port) => shell.peer(address, port),
        resolve: async (host, port) => {
          const address = await shell.resolve(host, port);
          const peer = securedPeer(address);
          addresses.set(peer.key, address);
          return peer;
        },
        [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
      };
    },
  };
}
