import type { SmsDiagnostic } from '@dunlin/node';
import type { Logger } from 'pino';

/** Logs one diagnostic. What strangers send is ordinary; what stops the sending is not. */
export function logSmsDiagnostic(diagnostic: SmsDiagnostic, log: Logger): void {
  switch (diagnostic.kind) {
    case 'state':
      if (diagnostic.isUp) log.info('short messages can be sent and received');
      else log.warn({ reason: diagnostic.reason }, 'short messages can neither be sent nor received');
      return;
    case 'alarm': {
      const { budget, limit } = diagnostic;
      log.error(
        { budget, limit },
        'A BUDGET OF SHORT MESSAGES IS USED UP: nothing more is sent on it for now',
      );
      return;
    }
    case 'store-failed':
      log.error({ reason: diagnostic.reason }, 'short messages cannot be noted: none is sent or taken');
      return;
    case 'refused': {
      const { to, purpose, reason } = diagnostic;
      log.warn({ number: to, purpose, reason }, 'did not send a short message');
      return;
    }
    case 'settled': {
      const { to, purpose, parts, state, reason } = diagnostic.entry;
      log.debug({ number: to, purpose, parts, state, reason }, 'a short message was sent, or not');
      return;
    }
    case 'dropped': {
      const { reason, from, text } = diagnostic;
      log.debug({ reason, number: from, text }, 'dropped a short message');
      return;
    }
    case 'ignored': {
      const { from, reason } = diagnostic;
      log.debug({ reason, number: from }, 'ignored a short message');
    }
  }
}
