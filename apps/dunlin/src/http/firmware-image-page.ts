import type { FirmwareImage } from '@dunlin/server';

import { badRequest } from './request-problem.ts';

/** Where a page ended, so that the next one is right also when that image is removed meanwhile. */
interface Position {
  readonly name: string;
  /** In milliseconds since the Unix epoch. */
  readonly addedAt: number;
  readonly id: string;
}

/** A page of images by name, the older first of those that are called the same. */
export function pageOfImages(
  images: readonly FirmwareImage[],
  { after, limit = 100 }: { readonly after?: string | undefined; readonly limit?: number | undefined },
): { readonly images: readonly FirmwareImage[]; readonly next: string | null } {
  const begin = after === undefined ? undefined : positionFrom(after);
  const rest = images.filter((image) => begin === undefined || compare(image, begin) > 0).sort(compare);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return { images: page, next: rest.length > limit && last !== undefined ? positionText(last) : null };
}

function compare(one: Position, other: Position): number {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  if (one.addedAt !== other.addedAt) return one.addedAt - other.addedAt;
  return one.id < other.id ? -1 : Number(one.id > other.id);
}

function positionText({ name, addedAt, id }: Position): string {
  return Buffer.from(JSON.stringify([addedAt, id, name])).toString('base64url');
}

function positionFrom(text: string): Position {
  const position = parse(Buffer.from(text, 'base64url').toString());
  if (Array.isArray(position)) {
    const parts: readonly unknown[] = position;
    const [addedAt, id, name] = parts;
    if (typeof addedAt === 'number' && typeof id === 'string' && typeof name === 'string')
      return { name, addedAt, id };
  }
  throw badRequest('query.after', 'must be the "next" of a page');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
