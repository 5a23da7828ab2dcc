import type { Milliseconds } from '@dunlin/base';

import type { FirmwareError } from './firmware-error.ts';
import type { FirmwareStatus } from './firmware-status.ts';

/** What happens to the firmware of a device, for its log and its display. */
export type FirmwareUpdateEvent =
  /** State, result or package are others. */
  | { readonly kind: 'status'; readonly status: FirmwareStatus }
  /** More of the package is there; `size` is that of the whole one, where it is known. */
  | { readonly kind: 'progress'; readonly received: number; readonly size: number | undefined }
  /** The update goes no further, or the package cannot be installed: Update Result says the same in a number. */
  | { readonly kind: 'failed'; readonly error: FirmwareError }
  /** The connection was lost; the download goes on after the delay. */
  | { readonly kind: 'retrying'; readonly error: FirmwareError; readonly delay: Milliseconds }
  /** What is no concern of the Server: the state could not be saved, or the storage not be cleared. */
  | { readonly kind: 'device-error'; readonly error: unknown };
