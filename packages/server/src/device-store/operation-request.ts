import type { Content, NotificationAttributesChange, ObjectPath, Path } from '@dunlin/lwm2m';

/**
 * What is asked of a device, as data: understood, checked and complete, so that it can wait in a store and be
 * sent by another process than the one that was asked for it (1.0 §5.4).
 */
export type OperationRequest =
  | { readonly name: 'read'; readonly path: Path; readonly format?: number | undefined }
  | { readonly name: 'discover' | 'delete'; readonly path: Path }
  | {
      readonly name: 'write-replace' | 'write-update';
      readonly path: Path;
      readonly content: Content;
      readonly format?: number | undefined;
    }
  /** The content names the new instance, or leaves its id to the device. */
  | {
      readonly name: 'create';
      readonly path: ObjectPath;
      readonly content: Content;
      readonly format?: number | undefined;
    }
  | {
      readonly name: 'write-attributes';
      readonly path: Path;
      readonly change: NotificationAttributesChange;
    }
  /** `arguments` as on the wire: `0='on',1`; checked. */
  | { readonly name: 'execute'; readonly path: Path; readonly arguments: string };

/** What can be queued for a device. */
export type RequestName = OperationRequest['name'];
