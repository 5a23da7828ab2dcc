/** How much a configuration may hold. */
export interface ConfigurationLimits {
  readonly servers: number;
  readonly deletes: number;
  readonly accessControl: number;
  readonly writes: number;
  /** Length of an endpoint name or a pattern in bytes of UTF-8. */
  readonly targetLength: number;
  /** Bytes of UTF-8 of a Server URI (1.0 E.1). */
  readonly uriLength: number;
  /** Bytes of UTF-8 of a PSK identity: what every device must take (1.0 E.1.1.1, R-710). */
  readonly identityLength: number;
  /** Bytes of a pre-shared key: 16 are what every security mode is worth, 64 what every device must take. */
  readonly minimumKeyLength: number;
  readonly maximumKeyLength: number;
  /** Seconds of lifetimes and periods: the largest unsigned 32-bit number, which devices use for `never`. */
  readonly period: number;
}

/** Far more than a device has room for, and little enough for a million configurations. */
export const configurationLimits: ConfigurationLimits = {
  servers: 16,
  deletes: 64,
  accessControl: 1024,
  writes: 256,
  targetLength: 252,
  uriLength: 255,
  identityLength: 128,
  minimumKeyLength: 16,
  maximumKeyLength: 64,
  period: 4_294_967_295,
};
