/** How a radio link of the host does. */
export interface WirelessLink {
  /** As the driver rates it; its scale is the driver's. */
  readonly quality: number;
  /** dBm. */
  readonly signal: number;
}

/** The radio links in the text of `/proc/net/wireless`, by the names of their interfaces. */
export function parseWirelessLinks(text: string): ReadonlyMap<string, WirelessLink> {
  const links = new Map<string, WirelessLink>();
  for (const line of text.split('\n')) {
    const [, name, quality, signal] = /^\s*(\S+):\s+\S+\s+(-?\d+)\.?\s+(-?\d+)\.?/.exec(line) ?? [];
    if (name === undefined) continue;
    links.set(name, { quality: Number(quality), signal: decibels(Number(signal)) });
  }
  return links;
}

/** Some drivers give the byte and not the signed number that it stands for. */
function decibels(signal: number): number {
  return signal > 127 ? signal - 256 : signal;
}
