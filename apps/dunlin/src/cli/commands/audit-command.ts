import { type AuditEntryDocument, type AuditOutcome, auditOutcomes, type AuditQuery } from '@dunlin/api';
import { type Command, InvalidArgumentError, Option } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { type ApiCommandOptions, apiCommand, apiOf, countingNumber, print } from '../api-command.ts';
import { listPages } from '../list-pages.ts';
import { renderTable } from '../table.ts';

interface AuditOptions extends ApiCommandOptions {
  readonly actor?: string;
  readonly action?: string;
  readonly endpoint?: string;
  readonly outcome?: AuditOutcome;
  readonly since?: string;
  readonly until?: string;
  readonly after?: string;
  readonly limit: number;
}

/** `dunlin audit`. */
export function auditCommand(context: ProgramContext): Command {
  return apiCommand('audit', 'show who changed what, and was not allowed to; the newest first')
    .option('--actor <name>', 'only what this user or token did')
    .option('--action <name>', 'only this operation, such as execute or addUser')
    .option('--endpoint <endpoint>', 'only what was about this device')
    .addOption(new Option('--outcome <outcome>', 'only what went so').choices(auditOutcomes))
    .option('--since <time>', 'only from this time on, such as 2026-01-31T12:00:00Z', instant)
    .option('--until <time>', 'only before this time', instant)
    .option('--after <cursor>', 'go on where an earlier list ended')
    .option('--limit <count>', 'at most so many', countingNumber, 50)
    .action(async (options: AuditOptions) => {
      const { access } = apiOf(context, options);
      const filter = filterOf(options);
      const { entries, next } = await listPages<AuditEntryDocument>(
        options.limit,
        options.after,
        async (request) => access.audit({ ...filter, ...request }, { signal: context.interrupted }),
      );
      await print(context, options, { json: { entries, next }, text: () => table(entries) });
      if (next !== null && options.json !== true) {
        await context.stderr.write(`There are older ones: dunlin audit --after ${next}\n`);
      }
    });
}

function filterOf({ actor, action, endpoint, outcome, since, until }: AuditOptions): AuditQuery {
  return {
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

function table(entries: readonly AuditEntryDocument[]): string {
  if (entries.length === 0) return 'Nothing of the kind happened.\n';
  return renderTable(
    ['TIME', 'WHO', 'FROM', 'WHAT', 'ABOUT', 'RESULT'],
    entries.map((entry) => [
      entry.time,
      entry.actor ?? entry.actorKind,
      entry.from ?? '',
      entry.action,
      [entry.endpoint, entry.path, entry.subject].filter((text) => text !== null).join(' '),
      resultText(entry),
    ]),
  );
}

function resultText({ outcome, status, error }: AuditEntryDocument): string {
  const facts = [error, status === null || outcome === 'done' ? null : String(status)];
  return [outcome, ...facts.filter((text) => text !== null)].join(' ');
}

function instant(text: string): string {
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new InvalidArgumentError('It must be a time such as 2026-01-31T12:00:00Z.');
}
