/** Why a DDF file gives no definitions, and where in it. */
export interface DefinitionFailure {
  readonly kind: 'failure';
  /** What was found and what was expected, without the place. */
  readonly reason: string;
  /** The line it was noticed on, from 1. */
  readonly line: number;
  /** The character of that line, from 1. */
  readonly column: number;
}

/** Thrown and caught within the loader only: reading stops at the first thing that is wrong. */
export class DdfProblem extends Error {
  readonly failure: DefinitionFailure;

  constructor(reason: string, place: { readonly line: number; readonly column: number }) {
    super(reason);
    this.failure = { kind: 'failure', reason, line: place.line, column: place.column };
  }
}
