import type { Pdu } from '../pdu.ts';
import type { SmppAccount } from './smpp-options.ts';

/** SMPP 3.4 (§5.2.4). */
const interfaceVersion = 0x34;

/** The bind of an account. */
export function bindPdu(account: SmppAccount, sequenceNumber: number): Pdu {
  const { systemId, password, systemType, addressRange, bindMode: mode } = account;
  const fields = { systemId, password, systemType, interfaceVersion, addressRange };
  return { kind: 'bind', mode, sequenceNumber, ...fields };
}
