import type { BootstrapTargetDocument } from '@dunlin/api';

import { newKey } from '../../access/new-key.ts';
import { api } from '../../server/api.ts';
import { type ConfigurationDraft, inputOf } from './configuration-draft.ts';

/** A key that was made here, which nobody is shown again. */
export interface MadeKey {
  readonly identity: string;
  /** In hexadecimal digits. */
  readonly key: string;
}

/** Sets a configuration, and with `makesKey` what its endpoint proves itself with to the Bootstrap-Server. */
export async function saveConfiguration(
  target: BootstrapTargetDocument,
  draft: ConfigurationDraft,
  makesKey: boolean,
): Promise<MadeKey | undefined> {
  await api.bootstrap.setConfiguration(target, inputOf(draft));
  if (!makesKey || !('endpoint' in target)) return undefined;
  const { endpoint } = target;
  const made = { identity: endpoint, key: newKey() };
  await api.bootstrap.addCredential({ kind: 'psk', endpoint, ...made });
  return made;
}
