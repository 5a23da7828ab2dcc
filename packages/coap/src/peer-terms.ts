import type { CoapEndpointOptions } from './endpoint-options.ts';
import type { MessageLimits } from './message.ts';
import { transmissionForTransport } from './message-layer/sms-transmission.ts';
import {
  type TransmissionParameters,
  type TransmissionTiming,
  transmissionTiming,
} from './message-layer/transmission-parameters.ts';
import type { Peer } from './peer.ts';

/** What holds for messages to a peer: the same object for all of one kind. */
export interface PeerTerms {
  readonly timing: TransmissionTiming;
  readonly messageLimits: MessageLimits;
}

/** The terms of peers; those with the same parameters share one object. */
export function peerTerms(
  { transmissionFor }: Readonly<CoapEndpointOptions>,
  parameters: TransmissionParameters,
  message: MessageLimits,
): (peer: Peer) => PeerTerms {
  const termsOf = (changes: Partial<TransmissionParameters>): PeerTerms => {
    const timing = transmissionTiming({ ...parameters, ...changes });
    const maxMessageSize = Math.min(message.maxMessageSize, timing.maxMessageSize);
    return { timing, messageLimits: { ...message, maxMessageSize } };
  };
  const usual = termsOf({});
  const known = new WeakMap<Partial<TransmissionParameters>, PeerTerms>();
  return (peer) => {
    const changes = transmissionFor?.(peer) ?? transmissionForTransport(peer);
    if (changes === undefined) return usual;
    const terms = known.get(changes) ?? termsOf(changes);
    known.set(changes, terms);
    return terms;
  };
}
