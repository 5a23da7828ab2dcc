import type { Instant } from '@dunlin/base';
import type { FirmwareProtocol } from '@dunlin/lwm2m';

import type { FirmwareImage } from './firmware-image.ts';

/** How a device gets an image: `push` (the server writes it to `/5/0/0`), `pull` (it fetches it from the URI in `/5/0/1`). */
export type FirmwareMethod = 'push' | 'pull';

/** What is wished of the way of an image to its device. */
export interface FirmwareDelivery {
  /** `automatic`: as the device can, see `chooseDelivery`. */
  readonly method: 'automatic' | FirmwareMethod;
  /** Only this one, when the device pulls. */
  readonly protocol?: FirmwareProtocol | undefined;
  /** Largest block in bytes (16, 32, … 1024) that is pushed. */
  readonly blockSize?: number | undefined;
}

/** An image on its way to a device. */
export type FirmwareTransfer = {
  /** The device was seen downloading: when it is idle now, it has lost the image. */
  readonly isBegun: boolean;
} & (
  | { readonly method: 'push'; /** Bytes that the device acknowledged. */ readonly sent: number }
  | {
      readonly method: 'pull';
      readonly protocol: FirmwareProtocol;
      /** Where the device fetches the image. */
      readonly uri: string;
      /** The last segment of it, which nobody can guess. */
      readonly token: string;
      /** How far the device has come, in bytes: the furthest that it was given by this server. */
      readonly served: number;
      /** The id of the registration under which it took the URI; absent as long as it did not. */
      readonly askedUnder?: string | undefined;
    }
);

/** Why an update failed. */
export interface FirmwareFailure {
  /**
   * `result` (the device reported an error, see `result`), `refused` (it refused what it was asked, see `coapCode`),
   * `unsupported` (it has no Firmware Update Object, or no way to get the image), `misbehaved` (it answers or acts
   * against the enabler), `lost` (it lost the image again and again), `no-progress` (nothing happened for too long),
   * `outcome-unknown` (it does not say how the installation ended), `image-unreadable`.
   */
  readonly reason:
    | 'result'
    | 'refused'
    | 'unsupported'
    | 'misbehaved'
    | 'lost'
    | 'no-progress'
    | 'outcome-unknown'
    | 'image-unreadable';
  /** What happened, in one sentence. */
  readonly message: string;
  /** The Update Result (`/5/0/5`). */
  readonly result?: number | undefined;
  /** Of a refusal, like `4.05`. */
  readonly coapCode?: string | undefined;
}

/** Where an update stands. `succeeded`, `failed` and `cancelled` are final. */
export type FirmwareState =
  /** Nothing was asked of the device, or all is to be asked anew. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'transferring'; readonly transfer: FirmwareTransfer }
  /** The device has the image (`/5/0/3` is 2). It is installed now, or when that is asked for. */
  | { readonly kind: 'downloaded' }
  | {
      readonly kind: 'installing';
      /** The id of the registration under which the device was asked to. */
      readonly askedUnder: string;
      /** The device took the Execute, or was seen installing. */
      readonly isBegun: boolean;
      /** How often it was asked. */
      readonly executions: number;
    }
  /** The device is to forget the image. */
  | { readonly kind: 'cancelling' }
  | {
      readonly kind: 'succeeded';
      readonly at: Instant;
      /** What the device says its firmware is now (`/3/0/3`). */
      readonly firmwareVersion?: string | undefined;
    }
  | { readonly kind: 'failed'; readonly at: Instant; readonly failure: FirmwareFailure }
  | { readonly kind: 'cancelled'; readonly at: Instant };

/** Where an update of firmware stands. */
export type FirmwareStateKind = FirmwareState['kind'];

/** Something that happened. */
export interface FirmwareLogEntry {
  readonly at: Instant;
  readonly message: string;
}

/** The update of one device: a snapshot. A device has one at a time; the last one is kept. */
export interface FirmwareUpdate {
  readonly endpointName: string;
  /** Counted from 1 for each device. */
  readonly id: number;
  /** The image as it was when the update began. */
  readonly image: Omit<FirmwareImage, 'addedAt'>;
  /** Whether the image is installed as soon as the device has it, or when `install` is called. */
  readonly install: 'automatic' | 'manual';
  readonly delivery: FirmwareDelivery;
  readonly startedAt: Instant;
  /** When it came on last. */
  readonly activeAt: Instant;
  /** Transfers that were begun. */
  readonly attempts: number;
  readonly state: FirmwareState;
  /** What the device said its firmware was before. */
  readonly versionBefore?: string | undefined;
  /** An Update Result of before that the device did not take back: it says nothing until another comes. */
  readonly staleResult?: number | undefined;
  /** Paths that are observed for this update and nobody else. */
  readonly observed: readonly string[];
  /** What happened, the latest last; the oldest go when there are too many. */
  readonly log: readonly FirmwareLogEntry[];
}

/** True when nothing will happen to it any more. */
export function isOver({ state }: Pick<FirmwareUpdate, 'state'>): boolean {
  return state.kind === 'succeeded' || state.kind === 'failed' || state.kind === 'cancelled';
}

/** How many bytes of the image the device has, as far as is known here. */
export function transferredBytes({ image, state }: Pick<FirmwareUpdate, 'image' | 'state'>): number {
  switch (state.kind) {
    case 'transferring':
      return state.transfer.method === 'push' ? state.transfer.sent : state.transfer.served;
    case 'downloaded':
    case 'installing':
    case 'succeeded':
      return image.size;
    case 'waiting':
    case 'cancelling':
    case 'failed':
    case 'cancelled':
      return 0;
  }
}
