/** What a path in the tree of Resources stands for. */
export interface Level {
  readonly kind: 'object' | 'object-instance' | 'resource' | 'resource-instance';
  readonly objectId: number;
  /** Of the Object Instance that it is or lies in. */
  readonly instancePath: string | undefined;
  readonly resourceId: number | undefined;
}

const kinds = ['object', 'object-instance', 'resource', 'resource-instance'] as const;

/** The level of a path such as `/3/0`; `undefined` for the empty path. */
export function levelOf(path: string): Level | undefined {
  const ids = path.split('/').slice(1).map(Number);
  const [objectId, instanceId, resourceId] = ids;
  const kind = kinds[ids.length - 1];
  if (kind === undefined || objectId === undefined) return undefined;
  const instancePath = instanceId === undefined ? undefined : `/${objectId}/${instanceId}`;
  return { kind, objectId, instancePath, resourceId };
}
