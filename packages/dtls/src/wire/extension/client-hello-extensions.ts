import { noBytes } from '@dunlin/base';

import { type PresentationReader } from '../presentation-reader.ts';
import { isMalformed, type Malformed } from '../malformed.ts';
import { decodeCertificateTypes, encodeCertificateTypes } from './certificate-types.ts';
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
import { decodeServerName, encodeServerName } from './server-name.ts';
import { decodeSignatureAlgorithms, encodeSignatureAlgorithms } from './signature-algorithms.ts';
import { decodeSupportedGroups, encodeSupportedGroups } from './supported-groups.ts';

/** The extensions of a ClientHello; what is absent was not offered. Lists keep unknown code points. */
export interface ClientHelloExtensions {
  readonly serverName?: string;
  readonly maxFragmentLength?: MaxFragmentLength;
  readonly supportedGroups?: readonly number[];
  readonly ecPointFormats?: readonly number[];
  readonly signatureAlgorithms?: readonly number[];
  readonly clientCertificateTypes?: readonly number[];
  readonly serverCertificateTypes?: readonly number[];
  readonly encryptThenMac?: true;
  readonly extendedMasterSecret?: true;
  readonly recordSizeLimit?: number;
  /** The ticket offered, empty to ask for one; parsed and never used (RFC 5077 §3.2). */
  readonly sessionTicket?: Uint8Array;
  readonly connectionId?: Uint8Array;
  readonly renegotiationInfo?: Uint8Array;
}

/** The extensions as they go onto the wire. */
export function encodeClientHelloExtensions(extensions: ClientHelloExtensions): readonly Extension[] {
  const encoded: Extension[] = [];
  const put = <T>(type: ExtensionType, value: T | undefined, encode: (value: T) => Uint8Array): void => {
    if (value !== undefined) encoded.push({ type, data: encode(value) });
  };
  put(ExtensionType.serverName, extensions.serverName, encodeServerName);
  put(ExtensionType.maxFragmentLength, extensions.maxFragmentLength, encodeMaxFragmentLength);
  put(ExtensionType.supportedGroups, extensions.supportedGroups, encodeSupportedGroups);
  put(ExtensionType.ecPointFormats, extensions.ecPointFormats, encodeEcPointFormats);
  put(ExtensionType.signatureAlgorithms, extensions.signatureAlgorithms, encodeSignatureAlgorithms);
  put(ExtensionType.clientCertificateType, extensions.clientCertificateTypes, encodeCertificateTypes);
  put(ExtensionType.serverCertificateType, extensions.serverCertificateTypes, encodeCertificateTypes);
  put(ExtensionType.encryptThenMac, extensions.encryptThenMac, encodeFlag);
  put(ExtensionType.extendedMasterSecret, extensions.extendedMasterSecret, encodeFlag);
  put(ExtensionType.recordSizeLimit, extensions.recordSizeLimit, encodeRecordSizeLimit);
  put(ExtensionType.sessionTicket, extensions.sessionTicket, (ticket) => ticket);
  put(ExtensionType.connectionId, extensions.connectionId, encodeConnectionId);
  put(ExtensionType.renegotiationInfo, extensions.renegotiationInfo, encodeRenegotiationInfo);
  return encoded;
}

/** Looks into the extensions of a ClientHello; unknown ones are passed over (RFC 5246 §7.4.1.4). */
export function decodeClientHelloExtensions(
  extensions: readonly Extension[],
): ClientHelloExtensions | Malformed {
  const decoded: ClientHelloExtensions = {};
  for (const extension of extensions) {
    if (!isExtensionType(extension.type)) continue;
    const type = extension.type;
    const part = readExtension(extension, (reader) => decodePart(type, reader));
    if (isMalformed(part)) return part;
    Object.assign(decoded, part);
  }
  return decoded;
}

function decodePart(type: ExtensionType, reader: PresentationReader): ClientHelloExtensions {
  switch (type) {
    case ExtensionType.serverName: {
      const serverName = decodeServerName(reader);
      return serverName === undefined ? {} : { serverName };
    }
    case ExtensionType.maxFragmentLength:
      return { maxFragmentLength: decodeMaxFragmentLength(reader) };
    case ExtensionType.supportedGroups:
      return { supportedGroups: decodeSupportedGroups(reader) };
    case ExtensionType.ecPointFormats:
      return { ecPointFormats: decodeEcPointFormats(reader) };
    case ExtensionType.signatureAlgorithms:
      return { signatureAlgorithms: decodeSignatureAlgorithms(reader) };
    case ExtensionType.clientCertificateType:
      return { clientCertificateTypes: decodeCertificateTypes(reader) };
    case ExtensionType.serverCertificateType:
      return { serverCertificateTypes: decodeCertificateTypes(reader) };
    case ExtensionType.encryptThenMac:
      return { encryptThenMac: true };
    case ExtensionType.extendedMasterSecret:
      return { extendedMasterSecret: true };
    case ExtensionType.recordSizeLimit:
      return { recordSizeLimit: decodeRecordSizeLimit(reader) };
    case ExtensionType.sessionTicket:
      return { sessionTicket: reader.rest().slice() };
    case ExtensionType.connectionId:
      return { connectionId: decodeConnectionId(reader) };
    case ExtensionType.renegotiationInfo:
      return { renegotiationInfo: decodeRenegotiationInfo(reader) };
  }
}

function encodeFlag(): Uint8Array {
  return noBytes;
}
