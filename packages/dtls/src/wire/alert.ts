import { malformed, type Malformed } from './malformed.ts';

/** AlertLevel (RFC 5246 §7.2). */
export const AlertLevel = { warning: 1, fatal: 2 } as const;

/** An Alert message as received: unknown levels and descriptions are kept as numbers (RFC 5246 §7.2). */
export interface Alert {
  /** The level, 0 to 255; anything but `AlertLevel.warning` is to be taken as fatal. */
  readonly level: number;
  /** The description, 0 to 255. */
  readonly description: number;
}

/** The two bytes of an alert. */
export function encodeAlert(alert: Alert): Uint8Array {
  return Uint8Array.of(alert.level, alert.description);
}

/** Reads the content of one alert record, which must hold exactly one alert. */
export function decodeAlert(content: Uint8Array): Alert | Malformed {
  const [level, description] = content;
  if (level === undefined || description === undefined || content.length !== 2) {
    return malformed('An alert record must hold exactly two bytes.');
  }
  return { level, description };
}
