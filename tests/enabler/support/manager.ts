import type { Instant } from '@dunlin/base';
import type { Binding } from '@dunlin/coap';
import type { Content, ObjectDefinitions } from '@dunlin/lwm2m';
import type { LwM2mServerOptions } from '@dunlin/server';

/** An operation that a case asks of the device, near to the wire so that both kinds of manager can ask it. */
export type Asked =
  | { readonly kind: 'read'; readonly path: string; readonly accept?: number | undefined }
  | { readonly kind: 'discover'; readonly path: string }
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly mode: 'replace' | 'update';
      readonly format: number;
      readonly payload: Uint8Array;
    }
  | { readonly kind: 'write-attributes'; readonly path: string; readonly query: readonly string[] }
  | { readonly kind: 'execute'; readonly path: string; readonly args?: string | undefined }
  | { readonly kind: 'create'; readonly path: string; readonly format: number; readonly payload: Uint8Array }
  | { readonly kind: 'delete'; readonly path: string };

/** What the device answered. */
export interface Answer {
  /** Like `2.05`. */
  readonly code: string;
  readonly contentFormat: number | undefined;
  readonly payload: Uint8Array;
  readonly text: string;
  /** Decoded, where a content was asked for and came. */
  readonly content: Content | undefined;
  readonly location: string | undefined;
}

/** One notification as the managing side saw it. */
export interface Notified {
  readonly at: Instant;
  readonly content: Content;
}

/** An observation by the managing side. */
export interface Watch {
  readonly path: string;
  /** The first answer included. */
  readonly notified: readonly Notified[];
}

/** A registration as the managing side knows it. */
export interface KnownRegistration {
  readonly location: string;
  readonly lifetime: number;
}

/** The side of the Server in a case: our server through its public interface, or CoAP written by hand. */
export interface Manager extends AsyncDisposable {
  /** `firmware` is for our server. */
  open(
    binding: Binding,
    definitions: ObjectDefinitions,
    firmware?: LwM2mServerOptions['firmware'],
  ): Promise<void>;
  registration(): Promise<KnownRegistration | undefined>;
  /** Loses the registration, as after a fault. */
  forget(): Promise<void>;
  perform(asked: Asked): Promise<Answer>;
  observe(path: string): Promise<Watch>;
  /** `passive`: rejects the next notification; `active`: GET with Observe 1. */
  cancel(watch: Watch, way: 'active' | 'passive'): Promise<void>;
}
