import { ByteReader } from '@dunlin/base';

import type { MalformedTpdu } from './malformed-tpdu.ts';

/** Reads the fields of a TPDU. */
export class TpduReader extends ByteReader {
  /** The failure of a TPDU that should have been read completely; `undefined` when all is well. */
  problem(tpdu: string): MalformedTpdu | undefined {
    const { failure } = this;
    return failure === undefined ? undefined : { kind: 'malformed', reason: `${tpdu}: ${failure}` };
  }
}
