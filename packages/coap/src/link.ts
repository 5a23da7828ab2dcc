/** An attribute of a link, such as `ct=40` or `obs`. */
export interface LinkAttribute {
  readonly name: string;
  /** Without quotes and escapes; `undefined` when the attribute is only a name. */
  readonly value?: string | undefined;
  /**
   * Whether the value was, or is to be, in quotes. When it is left out a number is written bare and all else in
   * quotes; what cannot be written bare is always quoted.
   */
  readonly isQuoted?: boolean | undefined;
}

/** One element of a link-format document (RFC 6690 §2). */
export interface Link {
  /** The URI reference between `<` and `>`, as it stands; `undefined` for an element that is only attributes. */
  readonly target: string | undefined;
  readonly attributes: readonly LinkAttribute[];
}

/** How much of a link-format document is taken. */
export interface LinkFormatLimits {
  /** Characters (bytes, when it comes as bytes) of the whole document. */
  readonly maxLength: number;
  readonly maxLinks: number;
  /** Attributes of one link. */
  readonly maxAttributes: number;
}

/** Some thousand instances with their attributes; far more than any device of LwM2M lists. */
export const linkFormatLimitsDefaults: LinkFormatLimits = {
  maxLength: 262_144,
  maxLinks: 8192,
  maxAttributes: 32,
};

/** A document that is no link format. */
export interface LinkFormatFailure {
  readonly kind: 'failure';
  /** What is wrong and where. */
  readonly reason: string;
}
