import type { ContentDocument, ResourceDocument, ValueDocument } from '@dunlin/api';

/** The header of `contentRows`. */
export const contentHeader: readonly string[] = ['PATH', 'NAME', 'VALUE'];

/** What is at a path as rows of a table: one per value. */
export function contentRows(content: ContentDocument): readonly (readonly string[])[] {
  switch (content.kind) {
    case 'object':
      return Object.entries(content.instances).flatMap(([id, { resources }]) =>
        resourcesRows(`${content.path}/${id}`, resources),
      );
    case 'object-instance':
      return resourcesRows(content.path, content.resources);
    case 'resource':
    case 'resource-instance':
      return resourceRows(content.path, content);
  }
}

/** A value as people read it: a time as a date, bytes in hexadecimal, a number with its unit. */
export function valueText(value: ValueDocument, type: string, units?: string): string {
  if (type === 'time' && typeof value !== 'string' && typeof value !== 'boolean')
    return timeText(Number(value));
  if (type === 'opaque' && typeof value === 'string') return opaqueText(value);
  return units === undefined || type === 'string' ? String(value) : `${value} ${units}`;
}

function resourcesRows(
  path: string,
  resources: Readonly<Record<string, ResourceDocument>>,
): readonly (readonly string[])[] {
  return Object.entries(resources).flatMap(([id, resource]) => resourceRows(`${path}/${id}`, resource));
}

/** One Resource as rows of a table: one per value. */
export function resourceRows(path: string, resource: ResourceDocument): readonly (readonly string[])[] {
  const { name = '', type, units } = resource;
  if ('value' in resource) return [[path, name, valueText(resource.value, type, units)]];
  const values = Object.entries(resource.values);
  if (values.length === 0) return [[path, name, '(none)']];
  return values.map(([id, value]) => [`${path}/${id}`, name, valueText(value, type, units)]);
}

function timeText(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  return Number.isNaN(date.getTime()) ? `${unixSeconds} s` : date.toISOString().replace('.000Z', 'Z');
}

/** Bytes shown in full; more are counted. */
const maxShownBytes = 32;

function opaqueText(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const shown = bytes.subarray(0, maxShownBytes).toString('hex');
  if (bytes.length <= maxShownBytes) return `0x${shown}`;
  return `0x${shown}… (${bytes.length} bytes)`;
}
