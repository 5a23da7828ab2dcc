import type { Peer } from '@dunlin/coap';
import type { BootstrapOperationName, OperationName, Path, Refusal } from '@dunlin/lwm2m';

/** What happened inside a client that its user may want in a log or a counter. None of it needs a reaction. */
export type ClientDiagnostic =
  /** A request was not answered at all: it came from no Server, or from one that we are not registered with. */
  | {
      readonly kind: 'request-dropped';
      readonly peer: Peer;
      /**
       * `bootstrapping`: a Server has to wait until the Bootstrap-Server is done. `unprotected`: a short message
       * without DTLS, and no Registration Update Trigger or one too many.
       */
      readonly reason: 'unknown-peer' | 'not-registered' | 'bootstrapping' | 'unprotected';
      /** Like `/3/0/0`. */
      readonly uriPath: string;
    }
  | {
      readonly kind: 'request-refused';
      readonly shortServerId: number;
      readonly operation: OperationName | undefined;
      readonly uriPath: string;
      readonly refusal: Refusal;
    }
  /** There is no association with a Server over short messages, so that it cannot wake the device. It is tried again. */
  | { readonly kind: 'sms-unreachable'; readonly shortServerId: number; readonly message: string }
  /** What a smartcard holds cannot be used; what it held before is gone all the same. */
  | { readonly kind: 'smartcard-refused'; readonly reason: string }
  /** A command of the Bootstrap-Server was answered; `refusal` says why it was refused, if it was. */
  | {
      readonly kind: 'bootstrap-command';
      readonly operation: BootstrapOperationName | undefined;
      /** Like `/0/1`. */
      readonly uriPath: string;
      readonly refusal: Refusal | undefined;
    }
  /** A notification was due while the Server could not be reached, and is not sent later. */
  | { readonly kind: 'notification-discarded'; readonly shortServerId: number; readonly path: Path }
  | { readonly kind: 'observation-started'; readonly shortServerId: number; readonly path: Path }
  | {
      readonly kind: 'observation-ended';
      readonly shortServerId: number;
      readonly path: Path;
      /**
       * `cancelled`: by the Server, by Observe 1 or by a Reset. `unacknowledged`: a confirmable notification
       * found nobody. `replaced`: by a new one with the same token. `target-gone`: there is nothing more to
       * tell, as the last notification said. `registration-ended`: by a new Register or by a Deregister.
       */
      readonly reason: 'cancelled' | 'unacknowledged' | 'replaced' | 'target-gone' | 'registration-ended';
    }
  /** The store of the state failed: the device may forget what happened since the last time. */
  | { readonly kind: 'state-not-saved'; readonly error: unknown }
  /** Code of the device threw: a handler, a hook or a dynamic value. The Server was told 5.00. */
  | {
      readonly kind: 'device-error';
      readonly shortServerId: number | undefined;
      readonly uriPath: string;
      readonly error: unknown;
    };
