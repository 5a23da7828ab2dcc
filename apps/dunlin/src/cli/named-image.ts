import type { DunlinApi, FirmwareImageDocument } from '@dunlin/api';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

/** The image that a person means: by its name, its id, or the beginning of that. */
export async function namedImage(
  api: DunlinApi,
  text: string,
  signal: AbortSignal,
): Promise<FirmwareImageDocument> {
  const byName = await allImages(api, { contains: text }, signal);
  const called = byName.filter(({ name }) => name === text);
  const isId = /^[0-9a-f]{4,64}$/.test(text);
  const fitting = called.length > 0 || !isId ? called : await allImages(api, { id: text }, signal);
  const [image, ...others] = fitting;
  if (image === undefined) {
    const near = byName.slice(0, 3).map(({ name }) => name);
    const hint =
      near.length === 0 ? 'dunlin firmware list shows those there are' : `there is ${near.join(', ')}`;
    throw new ProgramError(ExitCode.unknown, `there is no image ${text}; ${hint}`);
  }
  if (others.length === 0) return image;
  const ids = fitting.map(
    ({ id, version }) => `${id.slice(0, 12)}${version === undefined ? '' : ` (${version})`}`,
  );
  throw new ProgramError(
    ExitCode.usage,
    `${fitting.length} images are called ${text}: give the id, ${ids.join(' or ')}`,
  );
}

async function allImages(
  api: DunlinApi,
  query: { readonly contains?: string; readonly id?: string },
  signal: AbortSignal,
): Promise<readonly FirmwareImageDocument[]> {
  const found: FirmwareImageDocument[] = [];
  let after: string | null | undefined;
  while (after !== null) {
    const page = await api.firmware.images(
      { ...query, limit: 1000, ...(after === undefined ? {} : { after }) },
      { signal },
    );
    found.push(...page.images);
    after = page.next;
  }
  return found;
}
