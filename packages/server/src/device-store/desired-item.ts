import type { Instant } from '@dunlin/base';
import type { NotificationAttributesChange } from '@dunlin/lwm2m';

/**
 * What became of a wish under one registration; under another one it says nothing.
 * - `established`: the device observes, or has the attributes.
 * - `refused`: it answered with an error, or not with an observation (then there is no code); it is not asked
 *   again under this registration, unless it registers other Objects.
 * - `failed`: there was no usable answer, or one of class 5; it is asked again.
 */
export type DesiredOutcome = { readonly registrationId: string; readonly at: Instant } & (
  | { readonly kind: 'established' }
  | { readonly kind: 'refused'; readonly reason: string; readonly coapCode?: string | undefined }
  | { readonly kind: 'failed'; readonly reason: string; readonly coapCode?: string | undefined }
);

interface DesiredFacts {
  /** Without alternate root, like `/3/0/9`. */
  readonly path: string;
  /** Since when it is wished. */
  readonly since: Instant;
  readonly outcome?: DesiredOutcome | undefined;
}

/** A wish that holds for an endpoint, whatever its registration, until it is withdrawn. */
export type DesiredItem =
  | (DesiredFacts & {
      readonly kind: 'observation';
      /** The Content-Format to ask for; without it TLV, and what the device has when it has no TLV. */
      readonly format?: number | undefined;
    })
  | (DesiredFacts & {
      readonly kind: 'attributes';
      /** What is to be set, and as `null` what is to be unset and may not be yet. */
      readonly change: NotificationAttributesChange;
    });

export type AttributesItem = Extract<DesiredItem, { readonly kind: 'attributes' }>;

/** What can be wished for. */
export type DesiredKind = DesiredItem['kind'];
