import type { Contender } from '../contest.ts';
import { pskDevice, RawPublicKeys } from '../dtls-credentials.ts';
import { HandshakeSource, SecuredSource } from '../dtls-sources.ts';
import { getSource } from '../sources.ts';
import type { Lane } from './lane.ts';

/** Handshakes under way at once; more would only wait for the one core. */
const handshakes = 64;

/** The same GET as without security, over associations that stay. */
export async function securedGet(lane: Lane): Promise<Contender> {
  const server = await lane.server('coap.ts', ['psk']);
  const run = await lane.load(
    server,
    (index) => new SecuredSource(pskDevice(index), 'TLS_PSK_WITH_AES_128_CCM_8', getSource(index)),
  );
  return { name: 'CoAP GET over PSK-CCM-8', server, run };
}

/** Full handshakes with cookie exchange and extended master secret. */
export async function pskHandshake(lane: Lane): Promise<Contender> {
  const server = await lane.server('coap.ts', ['psk']);
  const run = await lane.load(
    server,
    (index) => new HandshakeSource(pskDevice(index), 'TLS_PSK_WITH_AES_128_CCM_8'),
    handshakes,
  );
  return { name: 'PSK handshake', server, run };
}

/** The same on P-256 with raw public keys on both sides. */
export async function rawPublicKeyHandshake(lane: Lane): Promise<Contender> {
  const keys = new RawPublicKeys();
  const server = await lane.server('coap.ts', ['raw-public-key', ...keys.serverArguments]);
  const run = await lane.load(
    server,
    () => new HandshakeSource(keys.device, 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8'),
    handshakes,
  );
  return { name: 'mutual ECDHE_ECDSA handshake', server, run };
}
