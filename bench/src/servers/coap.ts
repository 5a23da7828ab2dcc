// One small resource on a socket of our own: without security, or behind DTLS with pre-shared or raw public keys.
import { milliseconds, Secret } from '@dunlin/base';
import type { Binding } from '@dunlin/coap';
import { isSamePublicKey } from '@dunlin/dtls';
import { dtls, type DtlsProtocolOptions, udp } from '@dunlin/node';

import { preSharedKeyOf, readServerArguments, restAfter } from '../dtls-credentials.ts';
import { serveCommands } from '../server-process.ts';
import { usedBytes } from '../used-bytes.ts';
import { EchoRole } from './echo-role.ts';
import { OneResource } from './one-resource.ts';

const socket = { port: 0, address: '127.0.0.1' };
/** Where memory is measured associations fall idle without delay, and CoAP does not take part. */
const isForMemory = process.argv[2] === 'psk-resting';
const protocol: DtlsProtocolOptions = {
  // All devices are one host here.
  limits: { maxAssociationsPerHost: 100_000, maxHandshakesPerHost: 1000 },
  ...(isForMemory ? { association: { restAfter: milliseconds(restAfter) } } : {}),
};
const shell = await binding().open(isForMemory ? new EchoRole() : new OneResource());
serveCommands(shell.local.port, { bytes: usedBytes });

function binding(): Binding {
  const [, , security, ...args] = process.argv;
  switch (security) {
    case 'psk':
    case 'psk-resting':
      return dtls({
        ...socket,
        protocol,
        credentials: {
          pskFor: (identity) => {
            const found = { key: new Secret(preSharedKeyOf(identity)), credentialId: identity };
            return Promise.resolve(found);
          },
          trusts: () => Promise.resolve(undefined),
        },
      });
    case 'raw-public-key': {
      const { own, devicePublicKey } = readServerArguments(args);
      return dtls({
        ...socket,
        protocol,
        credentials: {
          own: { rawPublicKey: own },
          pskFor: () => Promise.resolve(undefined),
          trusts: (evidence) => {
            const isKnown =
              evidence.kind === 'certificate' &&
              evidence.certificate.kind === 'raw-public-key' &&
              isSamePublicKey(evidence.certificate.subjectPublicKeyInfo, devicePublicKey);
            return Promise.resolve(isKnown ? { credentialId: 'device' } : undefined);
          },
        },
      });
    }
    case undefined:
    default:
      return udp(socket);
  }
}
