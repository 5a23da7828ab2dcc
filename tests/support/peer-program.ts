import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** The Debian package of each peer: a program, or a file by a pattern of its path. `.ci/run` installs them. */
const packageOf = {
  'coap-client-gnutls': 'libcoap3-bin',
  'coap-client-notls': 'libcoap3-bin',
  'coap-client-openssl': 'libcoap3-bin',
  'coap-rd-notls': 'libcoap3-bin',
  'coap-server-gnutls': 'libcoap3-bin',
  'coap-server-notls': 'libcoap3-bin',
  'coap-server-openssl': 'libcoap3-bin',
  'gnutls-cli': 'gnutls-bin',
  'gnutls-serv': 'gnutls-bin',
  '/usr/include/coap3/coap.h': 'libcoap3-dev',
  '/usr/include/gnutls/dtls.h': 'libgnutls28-dev',
  '/usr/include/mbedtls/ssl.h': 'libmbedtls-dev',
  '/usr/include/stdio.h': 'libc6-dev',
  '/usr/lib/erlang/lib/ssl-*': 'erlang-ssl',
  '/usr/share/perl5/Net/SMPP.pm': 'libnet-smpp-perl',
  '/usr/sbin/bearerbox': 'kannel',
  chromium: 'chromium',
  escript: 'erlang-base',
  gammu: 'gammu',
  'gammu-smsd': 'gammu-smsd',
  gcc: 'gcc',
  openssl: 'openssl',
  'osmo-hlr': 'osmo-hlr',
  'osmo-msc': 'osmo-msc',
  perl: 'perl',
  socat: 'socat',
  tshark: 'tshark',
} as const;

/** What a test may need of others. */
export type Peer = keyof typeof packageOf;

/**
 * For the `skip` option of a test that needs other people's programs: false when all are there, else the
 * reason. Under `CI=true` a missing peer is a failure, because there the peers are part of the gate.
 */
export function skipWithout(...peers: readonly Peer[]): string | false {
  const missing = peers.filter((peer) => !isInstalled(peer));
  if (missing.length === 0) return false;
  const packages = new Set(missing.map((peer) => packageOf[peer]));
  const reason = `not installed: ${missing.join(', ')} (Debian packages: ${[...packages].join(', ')})`;
  if (process.env['CI'] === 'true') throw new Error(`a peer of the gate is ${reason}`);
  return reason;
}

function isInstalled(peer: Peer): boolean {
  if (isAbsolute(peer)) return globSync(peer).length > 0;
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, peer), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
