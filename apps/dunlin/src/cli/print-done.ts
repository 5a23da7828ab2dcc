import { formatPath, type Path } from '@dunlin/lwm2m';

import type { ProgramContext } from '../program/program-context.ts';
import { type ApiCommandOptions, print } from './api-command.ts';
import { printable } from './table.ts';

/** What was done to a device. */
export interface Done {
  readonly operation: 'write' | 'execute' | 'create' | 'delete' | 'attributes';
  readonly endpoint: string;
  readonly path: Path;
}

const words: Readonly<Record<Done['operation'], string>> = {
  write: 'wrote',
  execute: 'executed',
  create: 'created',
  delete: 'deleted',
  attributes: 'set the attributes of',
};

/** Says that the device did what was asked. */
export function printDone(context: ProgramContext, options: ApiCommandOptions, done: Done): Promise<void> {
  const path = formatPath(done.path);
  return print(context, options, {
    json: { operation: done.operation, endpoint: done.endpoint, path, result: 'ok' },
    text: () => `${words[done.operation]} ${path} of ${printable(done.endpoint)}\n`,
  });
}
