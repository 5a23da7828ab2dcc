import type { DefinitionDocument, DefinitionSummary } from '@dunlin/api';
import type { Command } from 'commander';

import { ExitCode } from '../../program/exit-code.ts';
import type { ProgramContext } from '../../program/program-context.ts';
import { ProgramError } from '../../program/program-error.ts';
import { readNamedFile } from '../../program/read-named-file.ts';
import { type ApiCommandOptions, apiCommand, apiOf, countingNumber, print } from '../api-command.ts';
import { listPages } from '../list-pages.ts';
import { renderTable } from '../table.ts';

interface DefinitionsCommandOptions extends ApiCommandOptions {
  readonly version?: string;
  readonly search?: string;
  readonly uploaded?: boolean;
  readonly add?: string;
  readonly remove?: string;
  readonly after?: string;
  readonly limit: number;
}

/** `dunlin definitions [OBJECT]`. */
export function definitionsCommand(context: ProgramContext): Command {
  return apiCommand('definitions', 'list what the server knows of Objects, show one, or give it more')
    .argument('[object]', 'the id of an Object to show')
    .option('--of <version>', 'of this version; by default the newest')
    .option('--search <text>', 'only those with this in their name')
    .option('--uploaded', 'only those that were uploaded')
    .option('--after <cursor>', 'go on where the page before ended')
    .option('--limit <count>', 'at most so many', countingNumber, 1000)
    .option('--add <file>', 'upload a DDF file')
    .option('--remove <object/version>', 'remove one that was uploaded, such as 30001/1.0')
    .action(
      async (object: string | undefined, options: DefinitionsCommandOptions & { readonly of?: string }) => {
        const { add, remove } = options;
        if (add !== undefined) await upload(context, add, options);
        else if (remove !== undefined) await removeOne(context, remove, options);
        else if (object !== undefined) await show(context, object, options);
        else await list(context, options);
      },
    );
}

async function upload(
  context: ProgramContext,
  file: string,
  options: DefinitionsCommandOptions,
): Promise<void> {
  const bytes = await readNamedFile(context, file);
  const definitions = await apiOf(context, options).definitions.upload(bytes, {
    signal: context.interrupted,
  });
  await print(context, options, { json: { definitions }, text: () => table(definitions) });
}

async function removeOne(
  context: ProgramContext,
  which: string,
  options: DefinitionsCommandOptions,
): Promise<void> {
  const [, id, version] = /^\/?(\d{1,5})\/(\d{1,5}\.\d{1,5})$/.exec(which) ?? [];
  if (id === undefined || version === undefined)
    throw new ProgramError(ExitCode.usage, '--remove takes an id and a version, such as 30001/1.0');
  await apiOf(context, options).definitions.remove(Number(id), version, { signal: context.interrupted });
  await print(context, options, {
    json: { id: Number(id), version, result: 'ok' },
    text: () => `removed ${id} ${version}\n`,
  });
}

async function show(
  context: ProgramContext,
  object: string,
  options: DefinitionsCommandOptions & { readonly of?: string },
): Promise<void> {
  const id = Number(object.replace(/^\//, ''));
  if (!Number.isInteger(id) || id < 0 || id > 65_535)
    throw new ProgramError(ExitCode.usage, `${JSON.stringify(object)} is not the id of an Object`);
  const { of: version } = options;
  const definition = await apiOf(context, options).definitions.get(
    id,
    version === undefined ? {} : { version },
    { signal: context.interrupted },
  );
  await print(context, options, { json: definition, text: () => definitionText(definition) });
}

async function list(context: ProgramContext, options: DefinitionsCommandOptions): Promise<void> {
  const { search, uploaded, after, limit } = options;
  const { definitions } = apiOf(context, options);
  const wanted = {
    ...(search === undefined ? {} : { search }),
    ...(uploaded === true ? { source: 'uploaded' as const } : {}),
  };
  let total = 0;
  const { entries, next } = await listPages(limit, after, async (request) => {
    const page = await definitions.list({ ...wanted, ...request }, { signal: context.interrupted });
    ({ total } = page);
    return { entries: page.definitions, next: page.next };
  });
  await print(context, options, {
    json: { definitions: entries, next, total },
    text: () => table(entries),
  });
  if (next !== null && options.json !== true)
    await context.stderr.write(`There are more: dunlin definitions --after ${next}\n`);
}

function table(definitions: readonly DefinitionSummary[]): string {
  if (definitions.length === 0) return 'There is no such definition.\n';
  return renderTable(
    ['OBJECT', 'VERSION', 'NAME', 'SOURCE'],
    definitions.map(({ id, version, name, source }) => [`/${id}`, version, name, source]),
  );
}

function definitionText(definition: DefinitionDocument): string {
  const { id, name, version, source, isMultiple, isMandatory, description, resources } = definition;
  const facts = [isMultiple ? 'multiple' : 'single', isMandatory ? 'mandatory' : 'optional', source].join(
    ', ',
  );
  const head = renderTable(
    [`/${id}`, `${name} ${version}`],
    [['', facts], ...(description === undefined ? [] : [['', description]])],
  );
  const rows = resources.map((resource) => [
    `/${id}/x/${resource.id}`,
    resource.name,
    resource.operations,
    resource.type,
    resource.units ?? '',
    [resource.isMultiple ? 'multiple' : '', resource.isMandatory ? 'mandatory' : '']
      .filter(Boolean)
      .join(', '),
  ]);
  return `${head}\n${renderTable(['RESOURCE', 'NAME', 'OPERATIONS', 'TYPE', 'UNITS', ''], rows)}`;
}
