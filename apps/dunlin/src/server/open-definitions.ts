import { join } from 'node:path';

import { coreDefinitions, loadRegisteredDefinitions, ObjectDefinitionRegistry } from '@dunlin/lwm2m';
import { fileFolder } from '@dunlin/node';
import type { Logger } from 'pino';

import { UploadedDefinitions } from '../definitions/uploaded-definitions.ts';

/** What the server knows of Objects: the registry of OMA, and over it what was uploaded to the data folder. */
export async function openDefinitions(folder: string, log: Logger): Promise<UploadedDefinitions> {
  const builtIn = new ObjectDefinitionRegistry([coreDefinitions, await loadRegisteredDefinitions()]);
  const files = fileFolder(join(folder, 'definitions'), '.xml');
  return await UploadedDefinitions.open({ builtIn, files }, (file, reason) =>
    log.error({ file, reason }, 'a definition of an Object cannot be read and is passed over'),
  );
}
