import { noBytes } from '@dunlin/base';

import { type PresentationReader } from '../presentation-reader.ts';
import { isMalformed, type Malformed } from '../malformed.ts';
import { decodeConnectionId, encodeConnectionId } from './connection-id.ts';
import { decodeEcPointFormats, encodeEcPointFormats } from './ec-point-formats.ts';
import { type Extension, readExtension } from './extension-block.ts';
import { ExtensionType, isExtensionType } from './extension-type.ts';
import {
  decodeMaxFragmentLength,
  encodeMaxFragmentLength,
  type MaxFragmentLength,
} from './max-fragment-length.ts';
import { decodeRecordSizeLimit, encodeRecordSizeLimit } from './record-size-limit.ts';
import { decodeRenegotiationInfo, encodeRenegotiationInfo } from './renegotiation-info.ts';

/** The extensions of a ServerHello: what the server took of the client's offer. */
export interface ServerHelloExtensions {
  /** The server used the host name (RFC 6066 §3). */
  readonly serverName?: true;
  readonly maxFragmentLength?: MaxFragmentLength;
  readonly ecPointFormats?: readonly number[];
  /** The type of certificate the client is to send (RFC 7250 §3). */
  readonly clientCertificateType?: number;
  /** The type of certificate the server sends (RFC 7250 §3). */
  readonly serverCertificateType?: number;
  readonly encryptThenMac?: true;
  readonly extendedMasterSecret?: true;
  readonly recordSizeLimit?: number;
  /** A NewSessionTicket will follow (RFC 5077 §3.2). */
  readonly sessionTicket?: true;
  readonly connectionId?: Uint8Array;
  readonly renegotiationInfo?: Uint8Array;
}

/** What a ServerHello's extensions say, and their types: a client refuses any it did not offer. */
export interface DecodedServerHelloExtensions {
  readonly extensions: ServerHelloExtensions;
  /** All types that were there, in order, known or not (RFC 5246 §7.4.1.4). */
  readonly types: readonly number[];
}

/** The extensions as they go onto the wire. */
export function encodeServerHelloExtensions(extensions: ServerHelloExtensions): readonly Extension[] {
  const encoded: Extension[] = [];
  const put = <T>(type: ExtensionType, value: T | undefined, encode: (value: T) => Uint8Array): void => {
    if (value !== undefined) encoded.push({ type, data: encode(value) });
  };
  put(ExtensionType.serverName, extensions.serverName, encodeFlag);
  put(ExtensionType.maxFragmentLength, extensions.maxFragmentLength, encodeMaxFragmentLength);
  put(ExtensionType.ecPointFormats, extensions.ecPointFormats, encodeEcPointFormats);
  put(ExtensionType.clientCertificateType, extensions.clientCertificateType, encodeByte);
  put(ExtensionType.serverCertificateType, extensions.serverCertificateType, encodeByte);
  put(ExtensionType.encryptThenMac, extensions.encryptThenMac, encodeFlag);
  put(ExtensionType.extendedMasterSecret, extensions.extendedMasterSecret, encodeFlag);
  put(ExtensionType.recordSizeLimit, extensions.recordSizeLimit, encodeRecordSizeLimit);
  put(ExtensionType.sessionTicket, extensions.sessionTicket, encodeFlag);
  put(ExtensionType.connectionId, extensions.connectionId, encodeConnectionId);
  put(ExtensionType.renegotiationInfo, extensions.renegotiationInfo, encodeRenegotiationInfo);
  return encoded;
}

/** Looks into the extensions of a ServerHello. */
export function decodeServerHelloExtensions(
  extensions: readonly Extension[],
): DecodedServerHelloExtensions | Malformed {
  const decoded: ServerHelloExtensions = {};
  for (const extension of extensions) {
    if (!isExtensionType(extension.type)) continue;
    const type = extension.type;
    const part = readExtension(extension, (reader) => decodePart(type, reader));
    if (isMalformed(part)) return part;
    Object.assign(decoded, part);
  }
  return { extensions: decoded, types: extensions.map((extension) => extension.type) };
}

function decodePart(type: ExtensionType, reader: PresentationReader): ServerHelloExtensions {
  switch (type) {
    case ExtensionType.serverName:
      return { serverName: true };
    case ExtensionType.maxFragmentLength:
      return { maxFragmentLength: decodeMaxFragmentLength(reader) };
    case ExtensionType.ecPointFormats:
      return { ecPointFormats: decodeEcPointFormats(reader) };
    case ExtensionType.clientCertificateType:
      return { clientCertificateType: reader.uint8() };
    case ExtensionType.serverCertificateType:
      return { serverCertificateType: reader.uint8() };
    case ExtensionType.encryptThenMac:
      return { encryptThenMac: true };
    case ExtensionType.extendedMasterSecret:
      return { extendedMasterSecret: true };
    case ExtensionType.recordSizeLimit:
      return { recordSizeLimit: decodeRecordSizeLimit(reader) };
    case ExtensionType.sessionTicket:
      return { sessionTicket: true };
    case ExtensionType.connectionId:
      return { connectionId: decodeConnectionId(reader) };
    case ExtensionType.renegotiationInfo:
      return { renegotiationInfo: decodeRenegotiationInfo(reader) };
    // A server never sends these two; some do, and clients have always passed over them (RFC 8422 §5.1.1).
    case ExtensionType.supportedGroups:
    case ExtensionType.signatureAlgorithms:
      reader.rest();
      return {};
  }
}

function encodeFlag(): Uint8Array {
  return noBytes;
}

function encodeByte(value: number): Uint8Array {
  return Uint8Array.of(value);
}
