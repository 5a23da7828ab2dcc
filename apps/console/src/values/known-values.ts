import type {
  ContentDocument,
  KnownValueDocument,
  ResourceDocument,
  ServerEvent,
  ValueOrigin,
} from '@dunlin/api';

type NotificationEvent = Extract<ServerEvent, { type: 'notification' }>;

/** How and when contents became known. */
export interface KnownBy {
  readonly origin: ValueOrigin;
  readonly knownAt: string;
  readonly measuredAt?: string | undefined;
}

/** The Resources in what was read or notified, each as the server would list it among the values it knows. */
export function knownValues(content: ContentDocument, by: KnownBy): readonly KnownValueDocument[] {
  const { measuredAt, ...facts } = by;
  const origin = measuredAt === undefined ? facts : { ...facts, measuredAt };
  return resourcesOf(content).map(([path, resource]) => Object.assign({ path, resource }, origin));
}

/** The Resources in a notification; none in one that a newer one has overtaken. */
export function notifiedValues({
  isFresh,
  content,
  time,
  measuredAt,
}: NotificationEvent): readonly KnownValueDocument[] {
  return isFresh ? knownValues(content, { origin: 'notified', knownAt: time, measuredAt }) : [];
}

function resourcesOf(content: ContentDocument): readonly (readonly [string, ResourceDocument])[] {
  switch (content.kind) {
    case 'object':
      return Object.entries(content.instances).flatMap(([id, { resources }]) =>
        Object.entries(resources).map(([resourceId, resource]) =>
          at(`${content.path}/${id}/${resourceId}`, resource),
        ),
      );
    case 'object-instance':
      return Object.entries(content.resources).map(([id, resource]) => at(`${content.path}/${id}`, resource));
    case 'resource': {
      const { path, kind: _kind, ...resource } = content;
      return [at(path, resource)];
    }
    case 'resource-instance':
      return [];
  }
}

function at(path: string, resource: ResourceDocument): readonly [string, ResourceDocument] {
  return [path, resource];
}
