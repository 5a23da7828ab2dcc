/** What an answer says of its command (SMPP 3.4 §5.1.3). Message centres add values of their own from 0x400 on. */
export const CommandStatus = {
  ok: 0x00,
  invalidMessageLength: 0x01,
  invalidCommandLength: 0x02,
  invalidCommandId: 0x03,
  invalidBindStatus: 0x04,
  alreadyBound: 0x05,
  invalidPriority: 0x06,
  invalidRegisteredDelivery: 0x07,
  systemError: 0x08,
  invalidSourceAddress: 0x0a,
  invalidDestinationAddress: 0x0b,
  invalidMessageId: 0x0c,
  bindFailed: 0x0d,
  invalidPassword: 0x0e,
  invalidSystemId: 0x0f,
  cancelFailed: 0x11,
  replaceFailed: 0x13,
  messageQueueFull: 0x14,
  invalidServiceType: 0x15,
  invalidNumberOfDestinations: 0x33,
  invalidDistributionList: 0x34,
  invalidDestinationFlag: 0x40,
  invalidSubmitWithReplace: 0x42,
  invalidEsmClass: 0x43,
  cannotSubmitToList: 0x44,
  submitFailed: 0x45,
  invalidSourceTon: 0x48,
  invalidSourceNpi: 0x49,
  invalidDestinationTon: 0x50,
  invalidDestinationNpi: 0x51,
  invalidSystemType: 0x53,
  invalidReplaceIfPresent: 0x54,
  invalidNumberOfMessages: 0x55,
  throttled: 0x58,
  invalidScheduledTime: 0x61,
  invalidValidityPeriod: 0x62,
  invalidPredefinedMessage: 0x63,
  receiverTemporaryError: 0x64,
  receiverPermanentError: 0x65,
  receiverRejectError: 0x66,
  queryFailed: 0x67,
  invalidOptionalPart: 0xc0,
  optionalParameterNotAllowed: 0xc1,
  invalidParameterLength: 0xc2,
  missingOptionalParameter: 0xc3,
  invalidOptionalParameterValue: 0xc4,
  deliveryFailure: 0xfe,
  unknownError: 0xff,
} as const;
export type CommandStatus = (typeof CommandStatus)[keyof typeof CommandStatus];

const words: Readonly<Record<CommandStatus, string>> = {
  0x00: 'no error',
  0x01: 'the length of the message is invalid',
  0x02: 'the length of the command is invalid',
  0x03: 'the command is not known',
  0x04: 'the command does not fit the state of the bind',
  0x05: 'the account is bound already',
  0x06: 'the priority is invalid',
  0x07: 'the wish for receipts is invalid',
  0x08: 'the message centre has an internal error',
  0x0a: 'the source address is invalid',
  0x0b: 'the destination address is invalid',
  0x0c: 'the message id is invalid',
  0x0d: 'the bind failed',
  0x0e: 'the password is wrong',
  0x0f: 'the system id is not known',
  0x11: 'the message could not be cancelled',
  0x13: 'the message could not be replaced',
  0x14: 'the queue of the message centre is full',
  0x15: 'the service type is invalid',
  0x33: 'the number of destinations is invalid',
  0x34: 'the distribution list is invalid',
  0x40: 'the kind of destination is invalid',
  0x42: 'submission with replacement is not possible',
  0x43: 'the ESM class is invalid',
  0x44: 'nothing can be sent to the distribution list',
  0x45: 'the message could not be submitted',
  0x48: 'the type of the source number (TON) is invalid',
  0x49: 'the numbering plan of the source (NPI) is invalid',
  0x50: 'the type of the destination number (TON) is invalid',
  0x51: 'the numbering plan of the destination (NPI) is invalid',
  0x53: 'the system type is invalid',
  0x54: 'the wish to replace is invalid',
  0x55: 'the number of messages is invalid',
  0x58: 'more messages came than the account allows',
  0x61: 'the scheduled time is invalid',
  0x62: 'the validity period is invalid',
  0x63: 'the predefined message is not known',
  0x64: 'the receiver cannot take the message now',
  0x65: 'the receiver will never take the message',
  0x66: 'the receiver rejected the message',
  0x67: 'the query failed',
  0xc0: 'the optional parameters cannot be read',
  0xc1: 'an optional parameter is not allowed here',
  0xc2: 'the length of a parameter is invalid',
  0xc3: 'an optional parameter is missing',
  0xc4: 'the value of an optional parameter is invalid',
  0xfe: 'the message could not be delivered',
  0xff: 'the message centre gives no reason',
};

const texts: ReadonlyMap<number, string> = new Map(
  Object.entries(words).map(([status, text]) => [Number(status), text]),
);

/** The status for people, with its number: `the password is wrong (SMPP status 0x0e)`. */
export function statusText(status: number): string {
  const number = `SMPP status 0x${status.toString(16).padStart(2, '0')}`;
  const text = texts.get(status);
  return text === undefined ? number : `${text} (${number})`;
}

/** Too fast, or too much at once: the message was not taken, and the same account will take it later. */
export function isThrottling(status: number): boolean {
  return status === CommandStatus.throttled || status === CommandStatus.messageQueueFull;
}

/** True where the same message may be taken at a later attempt. */
export function isTemporaryStatus(status: number): boolean {
  return (
    isThrottling(status) ||
    status === CommandStatus.systemError ||
    status === CommandStatus.invalidBindStatus ||
    status === CommandStatus.receiverTemporaryError
  );
}

/** Refusals of a bind that no later attempt with the same settings overcomes: somebody must look at them. */
export function isMisconfiguration(status: number): boolean {
  return (
    status === CommandStatus.bindFailed ||
    status === CommandStatus.invalidPassword ||
    status === CommandStatus.invalidSystemId ||
    status === CommandStatus.invalidSystemType
  );
}
