import { ContentFormat, ResponseCode } from '@dunlin/coap';
import {
  decodeContent,
  isFormatFailure,
  type ObjectDefinition,
  pathOf,
  type Refusal,
  refusal,
  type ResourceContents,
} from '@dunlin/lwm2m';

/** The Object Instances of one Object in a provisioning file. */
export interface ProvisionedObject {
  readonly objectId: number;
  /** Like `1.0`. */
  readonly version: string;
  readonly instances: ReadonlyMap<number, ResourceContents>;
}

/** 32 KB: the most that EF LwM2M_Bootstrap holds (1.0 G.3). */
const maxFileLength = 32 * 1024;

/** Counts of a length that the file system of a card leaves unused. */
const filler = 0xff;

/**
 * Reads the content of the file LwM2M_Bootstrap of a smartcard (1.0 Appendix G.3.3, big endian as 1.0.1 says): how many
 * Objects and how long all of them; then for each its id, version, length, and its instances in TLV. Gives a refusal
 * with the reason for anything else; what a card has behind the collection is filler.
 */
export function decodeProvisioningFile(
  file: Uint8Array,
  definitionOf: (objectId: number) => ObjectDefinition | undefined,
): readonly ProvisionedObject[] | Refusal {
  if (file.length > maxFileLength) return malformed(`it is longer than ${maxFileLength} bytes`);
  if (file.length < 4) return malformed('it has no header');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const count = view.getUint16(0);
  const end = 4 + view.getUint16(2);
  if (end > file.length) return malformed('it is shorter than its header says');
  if (!file.subarray(end).every((byte) => byte === filler || byte === 0)) {
    return malformed('there is something behind the collection');
  }
  const objects: ProvisionedObject[] = [];
  let offset = 4;
  for (let index = 0; index < count; index += 1) {
    const entry = readEntry(file.subarray(0, end), offset, definitionOf);
    if ('kind' in entry) return entry;
    if (entry.object !== undefined) objects.push(entry.object);
    ({ offset } = entry);
  }
  return offset === end ? objects : malformed('its Objects are shorter than its header says');
}

/** One Object; one that the device does not have is passed over, as in a Write of the Bootstrap-Server. */
function readEntry(
  file: Uint8Array,
  start: number,
  definitionOf: (objectId: number) => ObjectDefinition | undefined,
): { readonly object: ProvisionedObject | undefined; readonly offset: number } | Refusal {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const cut = malformed('an Object is cut');
  if (start + 3 > file.length) return cut;
  const objectId = view.getUint16(start);
  const major = view.getUint8(start + 2);
  // A lone zero stands for 1.0; anything else is major and minor.
  const isImplicit = major === 0;
  const lengthAt = start + (isImplicit ? 3 : 4);
  if (lengthAt + 2 > file.length) return cut;
  const version = isImplicit ? '1.0' : `${major}.${view.getUint8(start + 3)}`;
  const offset = lengthAt + 2 + view.getUint16(lengthAt);
  if (offset > file.length) return cut;
  const definition = definitionOf(objectId);
  if (definition === undefined) return { object: undefined, offset };
  const payload = file.subarray(lengthAt + 2, offset);
  const content = decodeContent(ContentFormat.tlv, pathOf(objectId), payload, definition);
  if (isFormatFailure(content)) return malformed(`Object ${objectId}: ${content.reason}`);
  if (content.kind !== 'object') return malformed(`Object ${objectId} has no instances`);
  return { object: { objectId, version, instances: content.instances }, offset };
}

function malformed(reason: string): Refusal {
  return refusal(ResponseCode.badRequest, `the provisioning file is of no use: ${reason}`);
}
