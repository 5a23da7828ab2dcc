import type { FirmwareProtocol } from '@dunlin/lwm2m';

import type { DeviceFacts } from './device-facts.ts';
import type { FirmwareDelivery, FirmwareFailure } from './firmware-update.ts';

/** Where a device can fetch images from this server. */
export interface FirmwareOffer {
  readonly protocol: FirmwareProtocol;
  /** Like `coap://192.0.2.1:5683`. */
  readonly base: string;
  /** The operator said so; otherwise it is what this server takes for its address. */
  readonly isConfigured: boolean;
}

/** How an image goes to a device. */
export type ChosenDelivery =
  | { readonly kind: 'push' }
  | { readonly kind: 'pull'; readonly offer: FirmwareOffer }
  | { readonly kind: 'none'; readonly failure: FirmwareFailure };

/** The numbers of protocols in `/5/0/8`; 4 and 5 of 1.1 are not offered here. */
const protocolNumbers: Readonly<Record<FirmwareProtocol, number>> = { coap: 0, coaps: 1, http: 2, https: 3 };

/** The Delivery Methods, `/5/0/9` (1.0 E.6). */
const pullOnly = 0;
const pushOnly = 1;

/**
 * Chooses push or pull by what the device says it can (`/5/0/8`, `/5/0/9`), and a protocol that it lists (R-1055).
 *
 * Where both go, it pulls if the operator said where from, and else it is pushed: over the way that is open already,
 * while an address that this server takes for its own may lead nowhere behind a translator. A device that is managed
 * over DTLS is not made to fetch over a way that anybody can read unless that is wished.
 */
export function chooseDelivery(
  endpointName: string,
  device: Pick<DeviceFacts, 'protocols' | 'deliveryMethod'>,
  wish: FirmwareDelivery,
  { offers, isSecured }: { readonly offers: readonly FirmwareOffer[]; readonly isSecured: boolean },
): ChosenDelivery {
  const { protocols, deliveryMethod } = device;
  const canPush = deliveryMethod !== pullOnly;
  const fitting = offers.filter(({ protocol }) => protocols.includes(protocolNumbers[protocol]));
  const wished = fitting.filter(({ protocol }) => wish.protocol === undefined || wish.protocol === protocol);
  const safe = wished.filter(
    ({ protocol }) =>
      wish.protocol !== undefined || !isSecured || protocol === 'coaps' || protocol === 'https',
  );
  const [offer] = deliveryMethod === pushOnly ? [] : safe;
  const isPullWished = wish.method === 'pull' || wish.protocol !== undefined;
  if (wish.method === 'push')
    return canPush ? { kind: 'push' } : none(`${endpointName} takes images by pull only (/5/0/9 is 0)`);
  if (offer !== undefined && (isPullWished || !canPush || offer.isConfigured)) return { kind: 'pull', offer };
  if (!isPullWished && canPush) return { kind: 'push' };
  if (deliveryMethod === pushOnly) return none(`${endpointName} takes images by push only (/5/0/9 is 1)`);
  return none(whyNoPull(endpointName, protocols, { offers, wished, wish }));
}

function whyNoPull(
  endpointName: string,
  protocols: readonly number[],
  found: {
    readonly offers: readonly FirmwareOffer[];
    readonly wished: readonly FirmwareOffer[];
    readonly wish: FirmwareDelivery;
  },
): string {
  const { offers, wished, wish } = found;
  const names = Object.entries(protocolNumbers).flatMap(([name, number]) =>
    protocols.includes(number) ? [name] : [],
  );
  const can = names.length === 0 ? 'none that is known here' : names.join(', ');
  if (wished.length > 0) {
    return `${endpointName} is managed over DTLS and can fetch images only by ${can}, which is not encrypted: name the protocol to allow it`;
  }
  if (wish.protocol !== undefined && !protocols.includes(protocolNumbers[wish.protocol]))
    return `${endpointName} cannot fetch images by ${wish.protocol}, but by ${can} (/5/0/8)`;
  const offered = offers.map(({ base }) => base).join(', ');
  return `${endpointName} fetches images by ${can} (/5/0/8), and this server has them at ${offered === '' ? 'no address that a device could reach' : offered}`;
}

function none(message: string): ChosenDelivery {
  return { kind: 'none', failure: { reason: 'unsupported', message } };
}
