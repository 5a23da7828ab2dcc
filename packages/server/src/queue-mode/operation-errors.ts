import { DunlinError } from '@dunlin/base';

/** There is no room in the queue of the device. */
export class QueueFullError extends DunlinError {
  readonly code = 'queue-full';
}

/** The device sleeps, and the caller does not want to wait for it. */
export class DeviceAsleepError extends DunlinError {
  readonly code = 'asleep';
}

/** The operation was sent and is not answered yet: it cannot be taken back. */
export class OperationUnderWayError extends DunlinError {
  readonly code = 'operation-under-way';
}

/** The device did not wake up before the operation expired. */
export class OperationExpiredError extends DunlinError {
  readonly code = 'operation-expired';
}

/** The operation was cancelled before it was sent. */
export class OperationCancelledError extends DunlinError {
  readonly code = 'operation-cancelled';
}

/** The operation was sent, there was no answer, and asking again might do it twice: nobody knows whether it was done. */
export class OutcomeUnknownError extends DunlinError {
  readonly code = 'outcome-unknown';
}
