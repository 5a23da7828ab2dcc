import { ResponseCode } from '@dunlin/coap';
import { AccessControl, formatPath, maxId, type Refusal, refusal } from '@dunlin/lwm2m';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import type { ResourceWrite, TreeProposal } from '../object-tree/tree-change.ts';
import { objectInstances } from '../objects/object-instances.ts';
import { type AccessControlEntry, accessControlValues } from './access-control-entry.ts';
import { allInstanceRights, RightBit } from './rights.ts';

/**
 * The Access Control Object, `/2`: who may do what on a device with several Servers. A client with more than one Server
 * has one of its own accord; give one to say more, or to let a Bootstrap-Server add Servers later. Whether
 * Servers may create instances of it is a question of rights, and none has it.
 */
export function accessControl(entries: readonly AccessControlEntry[] = []): ObjectSetup {
  return objectInstances(AccessControl, Object.fromEntries(entries.map(accessControlValues).entries()), {
    isCreatable: true,
    isDeletable: true,
    beforeCommit: problemOfProposal,
  });
}

function problemOfProposal({ written }: TreeProposal): Refusal | undefined {
  for (const write of written) {
    const problem = problemOfWrite(write);
    if (problem !== undefined)
      return refusal(ResponseCode.badRequest, `${formatPath(write.path)}: ${problem}`);
  }
  return undefined;
}

function problemOfWrite({ path, content }: ResourceWrite): string | undefined {
  const { acl, accessControlOwner } = AccessControl.resources;
  if (path.resourceId === acl.id && content?.kind === 'multiple') {
    for (const [server, bits] of content.values) {
      if (server >= maxId) return `${server} is not the short server id of any Server`;
      if (!(Number(bits) >= 0 && Number(bits) <= (allInstanceRights | RightBit.create))) {
        return `${Number(bits)} is no sum of access rights: the bits above 16 are reserved`;
      }
    }
  }
  if (path.resourceId === accessControlOwner.id && content?.kind === 'single' && Number(content.value) < 1) {
    return 'an owner has a short server id from 1 on, or 65535 when it is the Bootstrap-Server';
  }
  return undefined;
}
