import type {
  AccountSecurityDocument,
  BootstrapDocument,
  BootstrapSessionDocument,
  BootstrapStepDocument,
  BootstrapTargetDocument,
} from '@dunlin/api';

import { relativeText } from './duration-text.ts';
import { renderTable } from './table.ts';

/** A step in a few words: `write /0/1 (tlv, 70 bytes): 2.04`. */
export function stepText(step: BootstrapStepDocument): string {
  const { operation, path, format, length, answer } = step;
  const what = [operation, ...(path === undefined ? [] : [path])].join(' ');
  const payload = length === undefined ? '' : ` (${format ?? '?'}, ${length} bytes)`;
  return `${what}${payload}: ${answerText(answer)}`;
}

/** Whom a configuration is for. */
export function targetText(target: BootstrapTargetDocument): string {
  return 'endpoint' in target ? target.endpoint : target.pattern;
}

/** Configurations as a table. */
export function configurationsTable(configurations: readonly BootstrapDocument[], now: number): string {
  if (configurations.length === 0) return 'There are no bootstrap configurations.\n';
  return renderTable(
    ['ENDPOINT OR PATTERN', 'KIND', 'SERVERS', 'SECURITY', 'SET'],
    configurations.map(({ target, servers, updatedAt }) => [
      targetText(target),
      'endpoint' in target ? 'endpoint' : 'pattern',
      servers.map(({ uri }) => uri).join(' '),
      [...new Set(servers.map(({ security }) => securityText(security)))].join(' '),
      relativeText(updatedAt, now),
    ]),
  );
}

/** Sessions as a table. */
export function sessionsTable(sessions: readonly BootstrapSessionDocument[], now: number): string {
  if (sessions.length === 0) return 'No bootstrap is remembered.\n';
  return renderTable(
    ['ENDPOINT', 'STARTED', 'FROM', 'SECURITY', 'OUTCOME', 'STEPS', 'ID'],
    sessions.map((session) => [
      session.endpoint,
      relativeText(session.startedAt, now),
      session.address,
      session.security,
      session.failure?.reason ?? session.outcome,
      String(session.steps.length),
      session.id,
    ]),
  );
}

/** One session with its steps. */
export function sessionTable(session: BootstrapSessionDocument, now: number): string {
  const { id, endpoint, initiatedBy, address, security, target, startedAt, endedAt, steps } = session;
  const kind = 'endpoint' in target ? 'endpoint' : 'pattern';
  const facts = renderTable(
    ['BOOTSTRAP', id],
    [
      ['endpoint', endpoint],
      ['address', `${address} (security ${security})`],
      ['begun by', initiatedBy === 'client' ? 'the device' : 'the server'],
      ['configuration', `that of ${kind} ${targetText(target)}`],
      ['started', `${startedAt} (${relativeText(startedAt, now)})`],
      ...(endedAt === undefined ? [] : [['ended', endedAt]]),
      ['outcome', session.failure?.reason ?? session.outcome],
    ],
  );
  const table = renderTable(
    ['TIME', 'OPERATION', 'PATH', 'PAYLOAD', 'ANSWER'],
    steps.map((step) => [
      step.startedAt.slice(11, 23),
      step.operation,
      step.path ?? '',
      step.length === undefined ? '' : `${step.format ?? '?'}, ${step.length} bytes`,
      answerText(step.answer),
    ]),
  );
  return `${facts}\n${table}`;
}

function securityText(security: AccountSecurityDocument | undefined): string {
  if (security === undefined) return 'none';
  return security.kind === 'issued' ? `${security.proof} (made anew)` : security.kind;
}

function answerText(answer: BootstrapStepDocument['answer']): string {
  if (answer === undefined) return 'no answer';
  const { coapCode, coapMeaning, diagnostic } = answer;
  return [coapCode, coapMeaning, diagnostic && `(${diagnostic})`]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}
