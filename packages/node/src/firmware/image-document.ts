import { instantFrom } from '@dunlin/base';
import { checkImage, type FirmwareImage, imageLabels } from '@dunlin/server';

/** The facts of an image as a file of JSON; the id is the name of the file. */
export function imageToText({ name, version, model, size, addedAt }: FirmwareImage): string {
  return `${JSON.stringify({ name, version, model, size, addedAt }, undefined, 2)}\n`;
}

/** The image that a file describes; `undefined` when it describes none. */
export function imageFromText(id: string, text: string): FirmwareImage | undefined {
  const facts = parse(text);
  if (typeof facts !== 'object' || facts === null) return undefined;
  if (!('name' in facts) || !('size' in facts) || !('addedAt' in facts)) return undefined;
  const { name, size, addedAt } = facts;
  const version = 'version' in facts ? facts.version : undefined;
  if (typeof name !== 'string' || !isCount(size) || !isCount(addedAt)) return undefined;
  const model = 'model' in facts ? facts.model : undefined;
  if (version !== undefined && typeof version !== 'string') return undefined;
  if (model !== undefined && typeof model !== 'string') return undefined;
  const image = { id, name, ...imageLabels({ version, model }), size };
  try {
    checkImage(image);
  } catch {
    return undefined;
  }
  return { ...image, addedAt: instantFrom(addedAt) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
