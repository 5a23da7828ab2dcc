import { ByteWriter, noBytes } from '@dunlin/base';

import { encodeAlertNotification } from './alert-notification-body.ts';
import { type BindMode, encodeBind, encodeBindResponse, encodeOutbind } from './bind.ts';
import { CommandId } from './command-id.ts';
import { CommandStatus } from './command-status.ts';
import { encodeDataMessage } from './data-message-body.ts';
import { headerLength } from './frame-reader.ts';
import { encodeMessageResponse } from './message-response-body.ts';
import type { Pdu } from './pdu.ts';
import { encodeShortMessage } from './short-message-body.ts';

/** The bytes of a command. Throws a `UsageError` where a field does not fit into its place. */
export function encodePdu(pdu: Pdu): Uint8Array {
  const body = bodyOf(pdu);
  const status = 'commandStatus' in pdu ? pdu.commandStatus : CommandStatus.ok;
  return new ByteWriter(headerLength + body.length)
    .uint32(headerLength + body.length)
    .uint32(commandIdOf(pdu))
    .uint32(status)
    .uint32(pdu.sequenceNumber)
    .bytes(body)
    .toBytes();
}

function commandIdOf(pdu: Pdu): CommandId {
  switch (pdu.kind) {
    case 'bind':
      return bindIds[pdu.mode];
    case 'bind-response':
      return bindResponseIds[pdu.mode];
    case 'outbind':
      return CommandId.outbind;
    case 'unbind':
      return CommandId.unbind;
    case 'unbind-response':
      return CommandId.unbindResp;
    case 'submit-sm':
      return CommandId.submitSm;
    case 'submit-sm-response':
      return CommandId.submitSmResp;
    case 'deliver-sm':
      return CommandId.deliverSm;
    case 'deliver-sm-response':
      return CommandId.deliverSmResp;
    case 'data-sm':
      return CommandId.dataSm;
    case 'data-sm-response':
      return CommandId.dataSmResp;
    case 'enquire-link':
      return CommandId.enquireLink;
    case 'enquire-link-response':
      return CommandId.enquireLinkResp;
    case 'alert-notification':
      return CommandId.alertNotification;
    case 'generic-nack':
      return CommandId.genericNack;
  }
}

const bindIds: Readonly<Record<BindMode, CommandId>> = {
  receiver: CommandId.bindReceiver,
  transmitter: CommandId.bindTransmitter,
  transceiver: CommandId.bindTransceiver,
};

const bindResponseIds: Readonly<Record<BindMode, CommandId>> = {
  receiver: CommandId.bindReceiverResp,
  transmitter: CommandId.bindTransmitterResp,
  transceiver: CommandId.bindTransceiverResp,
};

function bodyOf(pdu: Pdu): Uint8Array {
  switch (pdu.kind) {
    case 'bind':
      return encodeBind(pdu);
    case 'bind-response':
      // These two have no body where they refuse (SMPP 3.4 §4.1.2, §4.4.2); answers to messages from there always have one.
      return pdu.commandStatus === CommandStatus.ok ? encodeBindResponse(pdu) : noBytes;
    case 'outbind':
      return encodeOutbind(pdu);
    case 'submit-sm':
    case 'deliver-sm':
      return encodeShortMessage(pdu);
    case 'submit-sm-response':
      return pdu.commandStatus === CommandStatus.ok ? encodeMessageResponse(pdu) : noBytes;
    case 'deliver-sm-response':
    case 'data-sm-response':
      return encodeMessageResponse(pdu);
    case 'data-sm':
      return encodeDataMessage(pdu);
    case 'alert-notification':
      return encodeAlertNotification(pdu);
    case 'unbind':
    case 'unbind-response':
    case 'enquire-link':
    case 'enquire-link-response':
    case 'generic-nack':
      return noBytes;
  }
}
