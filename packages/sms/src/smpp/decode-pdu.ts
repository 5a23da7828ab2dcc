import { readAlertNotification } from './alert-notification-body.ts';
import { type BindMode, readBind, readBindResponse, readOutbind } from './bind.ts';
import { CommandId } from './command-id.ts';
import { readDataMessage } from './data-message-body.ts';
import { headerLength, uint32 } from './frame-reader.ts';
import type { MalformedPdu } from './malformed-pdu.ts';
import { readMessageResponse } from './message-response-body.ts';
import { PduReader } from './pdu-reader.ts';
import type { Pdu, UnknownPdu } from './pdu.ts';
import { readShortMessage } from './short-message-body.ts';

/** Reads one command of a `FrameReader`. Byte strings of the result are copies. Never throws. */
export function decodePdu(frame: Uint8Array): Pdu | UnknownPdu | MalformedPdu {
  const header: Header = {
    commandId: uint32(frame, 4),
    commandStatus: uint32(frame, 8),
    sequenceNumber: uint32(frame, 12),
  };
  const { commandId, sequenceNumber } = header;
  if (frame.length < headerLength || uint32(frame, 0) !== frame.length) {
    return { kind: 'malformed', commandId, sequenceNumber, reason: 'command_length is not its length' };
  }
  const reader = new PduReader(frame.subarray(headerLength));
  const pdu = isKnown(commandId) ? read(commandId, reader, header) : undefined;
  if (pdu === undefined) return { kind: 'unknown', commandId, sequenceNumber };
  const reason = reader.failure;
  return reason === undefined ? pdu : { kind: 'malformed', commandId, sequenceNumber, reason };
}

interface Header {
  readonly commandId: number;
  readonly commandStatus: number;
  readonly sequenceNumber: number;
}

const knownIds: ReadonlySet<number> = new Set(Object.values(CommandId));

function isKnown(commandId: number): commandId is CommandId {
  return knownIds.has(commandId);
}

function read(commandId: CommandId, reader: PduReader, header: Header): Pdu {
  const { commandStatus, sequenceNumber } = header;
  switch (commandId) {
    case CommandId.bindReceiver:
    case CommandId.bindTransmitter:
    case CommandId.bindTransceiver:
      return { kind: 'bind', mode: modeOf(commandId), sequenceNumber, ...readBind(reader) };
    case CommandId.bindReceiverResp:
    case CommandId.bindTransmitterResp:
    case CommandId.bindTransceiverResp: {
      const mode = modeOf(commandId);
      return { kind: 'bind-response', mode, commandStatus, sequenceNumber, ...readBindResponse(reader) };
    }
    case CommandId.outbind:
      return { kind: 'outbind', sequenceNumber, ...readOutbind(reader) };
    case CommandId.submitSm:
      return { kind: 'submit-sm', sequenceNumber, ...readShortMessage(reader) };
    case CommandId.deliverSm:
      return { kind: 'deliver-sm', sequenceNumber, ...readShortMessage(reader) };
    case CommandId.dataSm:
      return { kind: 'data-sm', sequenceNumber, ...readDataMessage(reader) };
    case CommandId.submitSmResp:
      return { kind: 'submit-sm-response', commandStatus, sequenceNumber, ...readMessageResponse(reader) };
    case CommandId.deliverSmResp:
      return { kind: 'deliver-sm-response', commandStatus, sequenceNumber, ...readMessageResponse(reader) };
    case CommandId.dataSmResp:
      return { kind: 'data-sm-response', commandStatus, sequenceNumber, ...readMessageResponse(reader) };
    case CommandId.alertNotification:
      return { kind: 'alert-notification', sequenceNumber, ...readAlertNotification(reader) };
    case CommandId.unbind:
      return { kind: 'unbind', sequenceNumber };
    case CommandId.unbindResp:
      return { kind: 'unbind-response', commandStatus, sequenceNumber };
    case CommandId.enquireLink:
      return { kind: 'enquire-link', sequenceNumber };
    case CommandId.enquireLinkResp:
      return { kind: 'enquire-link-response', commandStatus, sequenceNumber };
    case CommandId.genericNack:
      return { kind: 'generic-nack', commandStatus, sequenceNumber };
  }
}

/** The mode that a bind or its answer has in its lower bits. */
function modeOf(commandId: CommandId): BindMode {
  switch (commandId % 0x10) {
    case CommandId.bindReceiver:
      return 'receiver';
    case CommandId.bindTransmitter:
      return 'transmitter';
    default:
      return 'transceiver';
  }
}
