/** The values of `/4/0/0` that can be told from what Linux says of an interface (1.0 E.5). */
export const NetworkBearer = {
  lteFdd: 6,
  wlan: 21,
  bluetooth: 22,
  ieee802154: 23,
  ethernet: 41,
} as const;
export type NetworkBearer = (typeof NetworkBearer)[keyof typeof NetworkBearer];

/** What Linux says of an interface below `/sys/class/net`. */
export interface InterfaceFacts {
  /** Whether there is a folder `wireless` or `phy80211`. */
  readonly isWireless: boolean;
  /** The text of `type`: an ARPHRD_ number. */
  readonly type: string;
  /** The text of `uevent`. */
  readonly uevent: string;
}

/** ARPHRD_IEEE802154 of the kernel. */
const ieee802154Type = '804';

/**
 * The bearer that an interface most likely is. Of a modem the generation is not known: it is taken for LTE, which the
 * author of a device with another one says.
 */
export function networkBearerOf({ isWireless, type, uevent }: InterfaceFacts): NetworkBearer {
  if (isWireless || /^DEVTYPE=wlan$/m.test(uevent)) return NetworkBearer.wlan;
  if (/^DEVTYPE=bluetooth$/m.test(uevent)) return NetworkBearer.bluetooth;
  if (/^DEVTYPE=wwan$/m.test(uevent)) return NetworkBearer.lteFdd;
  if (type.trim() === ieee802154Type) return NetworkBearer.ieee802154;
  return NetworkBearer.ethernet;
}
