import { Secret, UsageError, utf8Decode } from '@dunlin/base';
import { Security } from '@dunlin/lwm2m';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import { storedBytes } from '../object-tree/stored-value.ts';
import type { SecureCredential } from '../security/secure-credential.ts';
import { smsChannelIn } from './sms-channel.ts';

/**
 * What the device proves who it is with to the Server with a number. Where the key of DTLS over short messages lies is
 * not said: here in Resources 7 and 8, and where those are empty, in 3 and 5 as for DTLS over UDP. Throws `UsageError`
 * when there is no such Server.
 */
export function smsCredentialAt(tree: ObjectTree, number: string): SecureCredential {
  const isThere = (id: number): boolean => {
    const channel = smsChannelIn(tree, id);
    return channel.kind === 'sms-channel' && channel.isSecure && channel.number === number;
  };
  const id = tree.instanceIds(Security.definition.id).find(isThere);
  if (id === undefined) throw new UsageError(`There is no Server with DTLS at the number ${number}.`);
  const instance = Security(id);
  const own = storedBytes(tree, instance.smsBindingKeyParameters.path);
  const isOwn = own.length > 0;
  const identity = utf8Decode(isOwn ? own : storedBytes(tree, instance.publicKeyOrIdentity.path));
  const key = storedBytes(tree, (isOwn ? instance.smsBindingSecretKeys : instance.secretKey).path);
  if (identity === undefined) throw new UsageError('A PSK identity is UTF-8 (RFC 4279 §5.1).');
  return { kind: 'psk', identity, key: new Secret(key.slice()) };
}
