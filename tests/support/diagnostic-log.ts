import type { DtlsDiagnostic } from '@dunlin/node';

import { until } from './until.ts';

type Kind = DtlsDiagnostic['kind'];
type OfKind<K extends Kind> = Extract<DtlsDiagnostic, { kind: K }>;

/** What a DTLS binding told, in its order. */
export class DiagnosticLog {
  readonly all: DtlsDiagnostic[] = [];
  /** For the option `onDiagnostic`. */
  readonly add = (diagnostic: DtlsDiagnostic): void => {
    this.all.push(diagnostic);
  };

  ofKind<K extends Kind>(kind: K): readonly OfKind<K>[] {
    return this.all.filter((diagnostic): diagnostic is OfKind<K> => diagnostic.kind === kind);
  }

  /** Waits for a diagnostic of this kind (the first, or the one of that number, from 0). */
  waitFor<K extends Kind>(kind: K, index = 0): Promise<OfKind<K>> {
    return until(
      () => this.ofKind(kind)[index],
      () => `${kind} ${index} among ${JSON.stringify(this.all)}`,
    );
  }
}
