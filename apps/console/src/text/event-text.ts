import type { ContentDocument, FirmwareUpdateDocument, ServerEvent } from '@dunlin/api';

import { formatResource } from '../values/format-value.ts';
import { text } from './en.ts';

/** What happened, in one line. */
export function eventText(event: ServerEvent): string {
  switch (event.type) {
    case 'registered':
      return event.replaced ? text.events.registeredAgain : text.events.registered;
    case 'notification':
      return `${text.events.notification} ${event.path}: ${contentText(event.content)}`;
    case 'observation-ended':
      return `${text.events['observation-ended']} ${event.path}: ${event.reason}`;
    case 'operation-queued':
    case 'operation-sent':
    case 'operation-finished': {
      const { operation, path, state, error } = event.operation;
      const outcome = error === undefined ? text.operationStates[state] : error.message;
      return `${text.operations[operation]} ${path}: ${outcome}`;
    }
    case 'firmware-progress':
    case 'firmware-finished':
      return firmwareText(event.update);
    case 'refused':
      return `${text.events.refused(event.operation, event.coapCode)}: ${event.reason}`;
    case 'handshake-failed':
      return `${text.events['handshake-failed']}: ${event.reason}`;
    case 'bootstrap-failed':
      return `${text.events['bootstrap-failed']}: ${event.failure.kind}`;
    case 'updated':
    case 'deregistered':
    case 'expired':
    case 'bootstrap-started':
    case 'bootstrap-step':
    case 'bootstrap-finished':
    case 'reset':
      return text.events[event.type];
  }
}

function contentText(content: ContentDocument): string {
  switch (content.kind) {
    case 'resource':
    case 'resource-instance': {
      const { name, units } = content;
      return [name, formatResource(content), units].filter((part) => part !== undefined).join(' ');
    }
    case 'object-instance':
      return text.events.resources(Object.keys(content.resources).length);
    case 'object':
      return text.events.instances(Object.keys(content.instances).length);
  }
}

function firmwareText({ state, image, transferred, failure }: FirmwareUpdateDocument): string {
  const percent = Math.floor((100 * transferred) / image.size);
  const outcome = state === 'transferring' ? `${percent} %` : (failure?.message ?? '');
  return [`${text.firmware.states[state]}:`, image.name, outcome].filter((part) => part !== '').join(' ');
}
