import { hexDecode, hexEncode, instantFrom, seconds, StorageError } from '@dunlin/base';
import { Method, type Peer, type PeerSecurity, type Request } from '@dunlin/coap';
import { type ObjectList, parseBindingMode } from '@dunlin/lwm2m';
import type { Registration, StoredObservation } from '@dunlin/server';

/** A row as the database gives it. */
export type Row = Record<string, unknown>;

/** A peer as text. */
export function encodePeer({ key, transport, address, port, security }: Peer): string {
  return JSON.stringify({ key, transport, address, port, security: encodeSecurity(security) });
}

/** The registration in a row, with the object list that the row refers to. Throws `StorageError`. */
export function registrationFromRow(row: Row, model: ObjectList): Registration {
  const bindingMode = parseBindingMode(text(row, 'binding_mode'));
  if (bindingMode === undefined) throw damaged('binding_mode');
  return {
    endpointName: text(row, 'endpoint'),
    id: text(row, 'id'),
    lifetime: seconds(number(row, 'lifetime')),
    version: text(row, 'version'),
    bindingMode,
    smsNumber: row['sms_number'] === null ? undefined : text(row, 'sms_number'),
    peer: decodePeer(text(row, 'peer')),
    localUri: text(row, 'local_uri'),
    rootPath: model.rootPath,
    objects: model.objects,
    contentFormats: model.contentFormats,
    additional: row['additional'] === null ? {} : decodeParameters(text(row, 'additional')),
    registeredAt: instantFrom(number(row, 'registered_at')),
    updatedAt: instantFrom(number(row, 'updated_at')),
    expiresAt: instantFrom(number(row, 'expires_at')),
  };
}

/** The request of an observation as text: what a GET is made of. */
export function encodeRequest({ uriPath, uriQuery, accept }: Request): string {
  return JSON.stringify({ uriPath, uriQuery, accept });
}

/** The observation in a row. Throws `StorageError`. */
export function observationFromRow(row: Row): StoredObservation {
  const token = row['token'];
  if (!(token instanceof Uint8Array)) throw damaged('token');
  return {
    registrationId: text(row, 'id'),
    path: text(row, 'path'),
    observedAt: instantFrom(number(row, 'observed_at')),
    record: {
      peer: decodePeer(text(row, 'peer')),
      token: Uint8Array.from(token),
      request: decodeRequest(text(row, 'request')),
      ...(row['newest_at'] !== null && {
        newest: { sequence: number(row, 'newest_sequence'), at: instantFrom(number(row, 'newest_at')) },
      }),
    },
  };
}

/** The number in a column. */
export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === 'number') return value;
  throw damaged(column);
}

/** The text in a column. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw damaged(column);
}

function decodePeer(json: string): Peer {
  const { key, transport, address, port, security } = parseRecord(json, 'peer');
  const isTransport = transport === 'udp' || transport === 'tcp' || transport === 'sms';
  if (typeof key !== 'string' || typeof address !== 'string' || typeof port !== 'number' || !isTransport) {
    throw damaged('peer');
  }
  return { key, transport, address, port, security: decodeSecurity(security) };
}

function encodeSecurity(security: PeerSecurity): Record<string, string> {
  switch (security.kind) {
    case 'none':
      return { kind: 'none' };
    case 'psk':
      return { kind: 'psk', identity: security.identity };
    case 'raw-public-key':
      return { kind: 'raw-public-key', publicKey: hexEncode(security.publicKey) };
    case 'certificate':
      return { kind: 'certificate', certificate: hexEncode(security.certificate) };
  }
}

function decodeSecurity(security: unknown): PeerSecurity {
  if (!isRecord(security)) throw damaged('peer');
  const { kind, identity, publicKey, certificate } = security;
  if (kind === 'none') return noSecurity;
  if (kind === 'psk' && typeof identity === 'string') return { kind, identity };
  if (kind === 'raw-public-key') return { kind, publicKey: bytes(publicKey) };
  if (kind === 'certificate') return { kind, certificate: bytes(certificate) };
  throw damaged('peer');
}

const noSecurity: PeerSecurity = { kind: 'none' };

function bytes(value: unknown): Uint8Array {
  const decoded = typeof value === 'string' ? hexDecode(value) : undefined;
  if (decoded === undefined) throw damaged('peer');
  return decoded;
}

function decodeRequest(json: string): Request {
  const { uriPath, uriQuery, accept } = parseRecord(json, 'request');
  if (!isTexts(uriPath)) throw damaged('request');
  if (uriQuery !== undefined && !isTexts(uriQuery)) throw damaged('request');
  if (accept !== undefined && typeof accept !== 'number') throw damaged('request');
  return { method: Method.get, uriPath, uriQuery, accept };
}

function decodeParameters(json: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseRecord(json, 'additional'))) {
    if (typeof value !== 'string') throw damaged('additional');
    parameters[name] = value;
  }
  return parameters;
}

function parseRecord(json: string, column: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw damaged(column, error);
  }
  if (!isRecord(value)) throw damaged(column);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function damaged(column: string, cause?: unknown): StorageError {
  return new StorageError(`the registration database is damaged: a ${column} is not one`, { cause });
}
