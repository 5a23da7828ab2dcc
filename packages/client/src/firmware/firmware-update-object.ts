import { noBytes } from '@dunlin/base';
import { ResponseCode } from '@dunlin/coap';
import {
  FirmwareUpdate,
  FirmwareUpdateDeliveryMethod,
  type FirmwareUpdateProtocol,
  FirmwareUpdateState,
  type Refusal,
  refusal,
  type Value,
} from '@dunlin/lwm2m';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import type { ChangeOrigin, TreeProposal } from '../object-tree/tree-change.ts';
import { objectInstances } from '../objects/object-instances.ts';
import type { FirmwareStatusBoard } from './firmware-status-board.ts';
import type { FirmwareUpdateProcess } from './firmware-update-process.ts';

/** What the Object works with. */
export interface FirmwareUpdateObjectParts {
  readonly process: FirmwareUpdateProcess;
  readonly board: FirmwareStatusBoard;
  readonly takesPush: boolean;
  /** Of packages at URIs; absent when there is no pull. */
  readonly protocols: readonly FirmwareUpdateProtocol[] | undefined;
}

/** `/5` as Servers see it: what they write, execute and read becomes commands and the status of a process. */
export function firmwareUpdateObject(parts: FirmwareUpdateObjectParts): ObjectSetup {
  const { process, board, takesPush, protocols } = parts;
  return objectInstances(
    FirmwareUpdate,
    {
      0: {
        package: {
          read: () => noBytes,
          write: () => undefined,
          takePart: (part) => {
            const shortServerId = serverOf(part.origin);
            const problem = part.offset === 0 ? problemOfPackage(parts, shortServerId) : undefined;
            return problem ?? process.pushPart(part, shortServerId);
          },
        },
        packageUri: { read: () => board.status.packageUri, write: () => undefined },
        update: () => process.update(),
        state: () => board.status.state,
        updateResult: () => board.status.result,
        pkgName: () => board.status.package.name ?? '',
        pkgVersion: () => board.status.package.version ?? '',
        firmwareUpdateProtocolSupport: protocols && new Map(protocols.entries()),
        firmwareUpdateDeliveryMethod: deliveryMethod(takesPush, protocols !== undefined),
      },
    },
    {
      clock: process.clock,
      changed: board.changed,
      beforeCommit: (proposal) => problemOfWrites(writesOf(proposal), parts, serverOf(proposal.origin)),
      afterCommit: (proposal) => obey(writesOf(proposal), process, serverOf(proposal.origin)),
    },
  );
}

function deliveryMethod(takesPush: boolean, takesPull: boolean): FirmwareUpdateDeliveryMethod {
  if (!takesPull) return FirmwareUpdateDeliveryMethod.push;
  return takesPush ? FirmwareUpdateDeliveryMethod.both : FirmwareUpdateDeliveryMethod.pull;
}

function serverOf(origin: ChangeOrigin): number | undefined {
  return origin.kind === 'server' ? origin.shortServerId : undefined;
}

/** What a transaction writes to `/5/0/0` and `/5/0/1`. */
interface FirmwareWrites {
  readonly package: Uint8Array | undefined;
  readonly packageUri: string | undefined;
}

function writesOf({ written }: TreeProposal): FirmwareWrites {
  const valueOf = (resourceId: number): Value | undefined => {
    const content = written.find(({ path }) => path.resourceId === resourceId)?.content;
    return content?.kind === 'single' ? content.value : undefined;
  };
  const { resources } = FirmwareUpdate;
  const bytes = valueOf(resources.package.id);
  const packageUri = valueOf(resources.packageUri.id);
  return {
    package: bytes instanceof Uint8Array ? bytes : undefined,
    packageUri: typeof packageUri === 'string' ? packageUri : undefined,
  };
}

/** The reset forms: nothing, or one byte 00; and no URI (R-1053). */
function isReset({ package: bytes, packageUri }: FirmwareWrites): boolean {
  const isEmpty = bytes === undefined || bytes.length === 0 || (bytes.length === 1 && bytes[0] === 0);
  return isEmpty && (packageUri ?? '') === '';
}

function problemOfWrites(
  writes: FirmwareWrites,
  parts: FirmwareUpdateObjectParts,
  shortServerId: number | undefined,
): Refusal | undefined {
  const { package: bytes, packageUri } = writes;
  if (bytes === undefined && packageUri === undefined) return undefined;
  if (isReset(writes)) return problemOfReset(parts);
  if (bytes !== undefined && packageUri !== undefined) {
    return refusal(ResponseCode.badRequest, 'a package comes by push or from a URI, not both');
  }
  return bytes === undefined ? problemOfUri(parts) : problemOfPackage(parts, shortServerId);
}

function problemOfReset({ board }: FirmwareUpdateObjectParts): Refusal | undefined {
  if (board.status.state !== FirmwareUpdateState.updating) return undefined;
  return refusal(ResponseCode.methodNotAllowed, 'the device installs a package just now');
}

/** While there is a package, or one comes in, it has to be reset first (R-1057). */
function problemOfUri(parts: FirmwareUpdateObjectParts): Refusal | undefined {
  const problem = problemOfReset(parts);
  if (problem !== undefined || parts.board.status.state === FirmwareUpdateState.idle) return problem;
  return refusal(ResponseCode.badRequest, 'there is a package already: reset it by writing nothing first');
}

/** A Server whose push was cut may begin it anew, as any request that comes in blocks (RFC 7959 §2.5). */
function problemOfPackage(
  parts: FirmwareUpdateObjectParts,
  shortServerId: number | undefined,
): Refusal | undefined {
  if (!parts.takesPush) return refusal(ResponseCode.methodNotAllowed, 'this device takes no push');
  return parts.process.isPushedBy(shortServerId) ? undefined : problemOfUri(parts);
}

function obey(
  writes: FirmwareWrites,
  process: FirmwareUpdateProcess,
  shortServerId: number | undefined,
): void {
  const { package: bytes, packageUri } = writes;
  if (bytes === undefined && packageUri === undefined) return;
  if (isReset(writes)) process.reset();
  else if (bytes !== undefined) process.push(bytes, shortServerId);
  else if (packageUri !== undefined) process.pull(packageUri, shortServerId);
}
