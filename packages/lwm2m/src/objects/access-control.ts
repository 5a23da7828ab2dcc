import { defineObject, type MultipleInstanceObject } from '../define-object.ts';

const accessControl = {
  id: 2,
  name: 'LwM2M Access Control',
  version: '1.0',
  isMultiple: true,
  isMandatory: false,
  resources: {
    objectId: {
      id: 0,
      name: 'Object ID',
      operations: 'R',
      isMultiple: false,
      isMandatory: true,
      type: 'integer',
      range: { kind: 'interval', minimum: 1, maximum: 65534 },
    },
    objectInstanceId: {
      id: 1,
      name: 'Object Instance ID',
      operations: 'R',
      isMultiple: false,
      isMandatory: true,
      type: 'integer',
      range: { kind: 'interval', minimum: 0, maximum: 65535 },
    },
    acl: {
      id: 2,
      name: 'ACL',
      operations: 'RW',
      isMultiple: true,
      isMandatory: false,
      type: 'integer',
      range: { kind: 'interval', minimum: 0, maximum: 65535 },
    },
    accessControlOwner: {
      id: 3,
      name: 'Access Control Owner',
      operations: 'RW',
      isMultiple: false,
      isMandatory: true,
      type: 'integer',
      range: { kind: 'interval', minimum: 0, maximum: 65535 },
    },
  },
} as const;

/** The LwM2M Access Control Object, `/2`, in version 1.0 (1.0 E.3). */
export const AccessControl: MultipleInstanceObject<typeof accessControl> = defineObject(accessControl);
