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

/** A text out of the file in quotes, cut so that a message stays one that can be read. */
export function quoted(text: string): string {
  return `'${clipped(text)}'`;
}

/** The tag of an element, cut likewise. */
export function tagOf(element: { readonly name: string } | undefined): string {
  return `<${clipped(element?.name ?? '')}>`;
}

/** A text of at most 80 characters. */
export function clipped(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
