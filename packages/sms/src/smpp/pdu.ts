import type { AlertNotificationBody } from './alert-notification-body.ts';
import type { BindBody, BindMode, BindResponseBody, OutbindBody } from './bind.ts';
import type { DataMessageBody } from './data-message-body.ts';
import type { MessageResponseBody } from './message-response-body.ts';
import type { ShortMessageBody } from './short-message-body.ts';

/** What every command has (SMPP 3.4 §3.2); an answer has the number of what it answers. */
interface Command<Kind extends string> {
  readonly kind: Kind;
  /** 1 to 0x7fffffff (SMPP 3.4 §5.1.4); whatever came, in what was received. */
  readonly sequenceNumber: number;
}

/** What every answer has besides. */
interface Answer<Kind extends string> extends Command<Kind> {
  /** See `CommandStatus`. */
  readonly commandStatus: number;
}

/** A command of SMPP 3.4, or an answer to one. */
export type Pdu =
  | (Command<'bind'> & { readonly mode: BindMode } & BindBody)
  | (Answer<'bind-response'> & { readonly mode: BindMode } & BindResponseBody)
  | (Command<'outbind'> & OutbindBody)
  | Command<'unbind'>
  | Answer<'unbind-response'>
  | (Command<'submit-sm'> & ShortMessageBody)
  | (Answer<'submit-sm-response'> & MessageResponseBody)
  | (Command<'deliver-sm'> & ShortMessageBody)
  | (Answer<'deliver-sm-response'> & MessageResponseBody)
  | (Command<'data-sm'> & DataMessageBody)
  | (Answer<'data-sm-response'> & MessageResponseBody)
  | Command<'enquire-link'>
  | Answer<'enquire-link-response'>
  | (Command<'alert-notification'> & AlertNotificationBody)
  | Answer<'generic-nack'>;

/** A command that is none of these: sessions refuse it, and pass over it where it is an answer. */
export interface UnknownPdu {
  readonly kind: 'unknown';
  readonly commandId: number;
  readonly sequenceNumber: number;
}
