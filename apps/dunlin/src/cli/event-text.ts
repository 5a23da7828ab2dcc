import type { OperationDocument, ServerEvent } from '@dunlin/api';

import { stepText } from './bootstrap-text.ts';
import { contentRows } from './content-rows.ts';
import { updateLine } from './firmware-text.ts';
import { printable } from './table.ts';

/** An event as lines for people; each begins with the time of day. */
export function eventText(event: ServerEvent): string {
  const time = event.time.slice(11, 23);
  return eventLines(event)
    .map((cells) => `${[time, ...cells].map(printable).join('  ').trimEnd()}\n`)
    .join('');
}

function late(isFresh: boolean): string {
  return isFresh ? '' : '(late: a newer one came before)';
}

function eventLines(event: ServerEvent): readonly (readonly string[])[] {
  switch (event.type) {
    case 'registered': {
      const { address, lifetime } = event.device;
      const again = event.replaced ? ' (in place of an earlier registration)' : '';
      return [
        [event.endpoint, `registered from ${address}${identityOf(event.device)} for ${lifetime} s${again}`],
      ];
    }
    case 'updated':
      return [[event.endpoint, `updated from ${event.device.address} for ${event.device.lifetime} s`]];
    case 'deregistered':
      return [[event.endpoint, 'deregistered']];
    case 'expired':
      return [[event.endpoint, 'expired without an update']];
    case 'notification':
      return contentRows(event.content).map((row) => [event.endpoint, row.join('  '), late(event.isFresh)]);
    case 'observation-ended':
      return [
        [
          event.endpoint,
          `observation of ${event.path} ended: ${event.reason}${event.coapCode === undefined ? '' : ` ${event.coapCode}`}`,
        ],
      ];
    case 'operation-queued':
    case 'operation-sent':
    case 'operation-finished':
      return [[event.endpoint, operationLine(event.operation)]];
    case 'firmware-progress':
    case 'firmware-finished':
      return [[event.endpoint, `firmware ${event.update.image.name}: ${updateLine(event.update)}`]];
    case 'refused': {
      const { endpoint = '?', operation, address, coapCode, reason } = event;
      return [
        [endpoint, `refused ${operation} from ${address}${identityOf(event)} with ${coapCode}: ${reason}`],
      ];
    }
    case 'handshake-failed':
      return [
        [
          event.endpoint ?? '?',
          `no secure association from ${event.address}${identityOf(event)}: ${event.reason}`,
        ],
      ];
    case 'bootstrap-started': {
      const { endpoint, initiatedBy, address, security } = event;
      const who = initiatedBy === 'client' ? 'asked for' : 'is given';
      const how = security === 'none' ? 'without security' : `with ${security}`;
      return [[endpoint, `${who} a bootstrap at ${address}, ${how}`]];
    }
    case 'bootstrap-step':
      return [[event.endpoint, `bootstrap: ${stepText(event.step)}`]];
    case 'bootstrap-finished':
      return [[event.endpoint, 'bootstrap finished']];
    case 'bootstrap-failed':
      return [[event.endpoint, `bootstrap failed: ${event.failure.reason}`]];
    case 'reset':
      return [['events were lost: list the devices again']];
  }
}

function identityOf({
  security,
  identity,
}: Pick<Extract<ServerEvent, { readonly type: 'handshake-failed' }>, 'security' | 'identity'>): string {
  return identity === undefined || security === undefined ? '' : ` as ${security} ${identity}`;
}

function operationLine({ id, operation, path, state, error }: OperationDocument): string {
  const outcome = error === undefined ? '' : `: ${error.message}`;
  return `operation ${id} (${operation} ${path}) ${state}${outcome}`;
}
