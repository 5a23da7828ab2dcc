import { ByteWriter, Secret } from '@dunlin/base';

import type { PduReader } from './pdu-reader.ts';
import { writeText, writeTlvs } from './pdu-writer.ts';
import { readAddress, type SmppAddress, writeAddress } from './smpp-address.ts';
import { byteTlv, findNumber, Tag } from './tlv.ts';

/** In which directions messages go over a bind (SMPP 3.4 §2.2). */
export type BindMode = 'receiver' | 'transmitter' | 'transceiver';

/** The body of bind_receiver, bind_transmitter and bind_transceiver (SMPP 3.4 §4.1). */
export interface BindBody {
  readonly systemId: string;
  readonly password: Secret;
  readonly systemType: string;
  /** 0x34 for SMPP 3.4. */
  readonly interfaceVersion: number;
  /** Which numbers the ESME serves; the digits may be a regular expression, and are mostly left out. */
  readonly addressRange: SmppAddress;
}

/** The body of the answer to a bind. */
export interface BindResponseBody {
  /** The name of the message centre. */
  readonly systemId: string;
  /** The version that the message centre speaks; without it, it knows no optional parameters. */
  readonly interfaceVersion: number | undefined;
}

/** The body of outbind (SMPP 3.4 §4.1.7). */
export interface OutbindBody {
  readonly systemId: string;
  readonly password: Secret;
}

const systemIdSize = 16;
const systemTypeSize = 13;
const addressRangeSize = 41;

/** The longest password: 8 characters (SMPP 3.4 §5.2.2, its NUL left out). */
const maxPasswordLength = 8;

/** The bytes of the body; throws a `UsageError` where a field does not fit. */
export function encodeBind(bind: BindBody): Uint8Array {
  const writer = new ByteWriter();
  writeText(writer, bind.systemId, systemIdSize, 'system_id');
  writePassword(writer, bind.password);
  writeText(writer, bind.systemType, systemTypeSize, 'system_type');
  writer.uint8(bind.interfaceVersion);
  writeAddress(writer, bind.addressRange, addressRangeSize, 'address_range');
  return writer.toBytes();
}

/** Reads the body. */
export function readBind(reader: PduReader): BindBody {
  return {
    systemId: reader.text(systemIdSize, 'system_id'),
    password: readPassword(reader),
    systemType: reader.text(systemTypeSize, 'system_type'),
    interfaceVersion: reader.uint8(),
    addressRange: readAddress(reader, addressRangeSize, 'address_range'),
  };
}

/** The bytes of the body. */
export function encodeBindResponse(response: BindResponseBody): Uint8Array {
  const writer = new ByteWriter();
  writeText(writer, response.systemId, systemIdSize, 'system_id');
  if (response.interfaceVersion !== undefined) {
    writeTlvs(writer, [byteTlv(Tag.scInterfaceVersion, response.interfaceVersion)]);
  }
  return writer.toBytes();
}

/** Reads the body, which answers that refuse may lack (SMPP 3.4 §4.1.2). */
export function readBindResponse(reader: PduReader): BindResponseBody {
  if (reader.remaining === 0) return { systemId: '', interfaceVersion: undefined };
  return {
    systemId: reader.text(systemIdSize, 'system_id'),
    interfaceVersion: findNumber(reader.tlvs(), Tag.scInterfaceVersion, 1),
  };
}

/** The bytes of the body. */
export function encodeOutbind(outbind: OutbindBody): Uint8Array {
  const writer = new ByteWriter();
  writeText(writer, outbind.systemId, systemIdSize, 'system_id');
  writePassword(writer, outbind.password);
  return writer.toBytes();
}

/** Reads the body. */
export function readOutbind(reader: PduReader): OutbindBody {
  return { systemId: reader.text(systemIdSize, 'system_id'), password: readPassword(reader) };
}

function writePassword(writer: ByteWriter, password: Secret): void {
  writeText(writer, String.fromCharCode(...password.reveal()), maxPasswordLength + 1, 'password');
}

function readPassword(reader: PduReader): Secret {
  const text = reader.text(maxPasswordLength + 1, 'password');
  return new Secret(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}
