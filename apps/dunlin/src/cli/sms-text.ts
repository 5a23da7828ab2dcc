import type {
  DeviceSmsDocument,
  SmsBudgetDocument,
  SmsNumberDocument,
  SmsOutboxEntryDocument,
  SmsStatusDocument,
} from '@dunlin/api';

import { relativeText } from './duration-text.ts';
import { printable, renderTable } from './table.ts';

/** The state of short messages in a few lines. */
export function smsStatusText(status: SmsStatusDocument, now: number): string {
  const { number, unprotected, budgets } = status;
  return `Short messages ${stateText(status, now)}, as ${number}.\nWithout DTLS goes: ${unprotected}.\n\n${budgetsTable(budgets)}`;
}

function stateText({ isUp, reason, retryAt, isMisconfigured }: SmsStatusDocument, now: number): string {
  if (isUp) return 'can be sent and received';
  if (reason === null) return 'cannot be sent and received yet';
  const settings = isMisconfigured ? ['look at the settings of the account'] : [];
  const retry = retryAt === null ? [] : [`tried again ${relativeText(retryAt, now)}`];
  const more = [...settings, ...retry].join('; ');
  return `can neither be sent nor received: ${printable(reason)}${more === '' ? '' : ` (${more})`}`;
}

/** What was sent as a table. */
export function outboxTable(entries: readonly SmsOutboxEntryDocument[], now: number): string {
  if (entries.length === 0) return 'No short message was sent.\n';
  return renderTable(
    ['WHEN', 'TO', 'ENDPOINT', 'PURPOSE', 'PARTS', 'STATE', 'REASON'],
    entries.map(({ queuedAt, to, endpoint, purpose, parts, spent, state, reason }) => [
      relativeText(queuedAt, now),
      to,
      endpoint ?? '',
      purpose,
      spent === parts ? String(parts) : `${spent} of ${parts}`,
      state,
      reason ?? '',
    ]),
  );
}

/** Provisioned numbers as a table. */
export function numbersTable(numbers: readonly SmsNumberDocument[], now: number): string {
  if (numbers.length === 0) return 'No number is provisioned.\n';
  return renderTable(
    ['ENDPOINT', 'NUMBER', 'PROVISIONED'],
    numbers.map(({ endpoint, number, provisionedAt }) => [
      endpoint,
      number,
      relativeText(provisionedAt, now),
    ]),
  );
}

/** How a device is reached. */
export function deviceSmsText(
  endpoint: string,
  { number, reason, budgets, parts }: DeviceSmsDocument,
): string {
  const cost =
    parts === null ? '' : `Such a datagram takes ${parts} short message${parts === 1 ? '' : 's'}.\n`;
  if (number === null)
    return `No short message goes to ${printable(endpoint)}: ${printable(reason ?? '')}\n${cost}`;
  return `Short messages to ${printable(endpoint)} go to ${number}.\n${cost}\n${budgetsTable(budgets)}`;
}

function budgetsTable(budgets: readonly SmsBudgetDocument[]): string {
  return renderTable(
    ['BUDGET OF 24 HOURS', 'LEFT', 'OF'],
    budgets.map(({ budget, left, limit }) => [budget, String(left), String(limit)]),
  );
}
