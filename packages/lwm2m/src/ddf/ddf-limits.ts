/** What a DDF file may cost at most. Files come from operators and from the web, so they are not trusted. */
export interface DdfLimits {
  /** The largest file, in bytes (in UTF-16 units when it is given as a string). */
  readonly maxSize: number;
  /** The deepest nesting of elements. */
  readonly maxDepth: number;
  /** The most elements in one file. */
  readonly maxElements: number;
}

/** How a DDF file is read. */
export interface DdfOptions extends DdfLimits {
  /** Keep the texts for people that describe Objects and Resources. Default false: they take several times the rest. */
  readonly keepsDescriptions: boolean;
}

/**
 * Room for far more than is published: the largest Object of the OMA registry is 34 kB, 5 deep, and has about
 * 1,600 elements.
 */
export const ddfLimitsDefaults: DdfLimits = { maxSize: 1_048_576, maxDepth: 8, maxElements: 50_000 };
