import { ApiError } from '@dunlin/api';

import { codeHint } from './code-hint.ts';

/** An error for people: what the server said, and for a device's refusal what it means and what to do next. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError && error.coapCode !== undefined) {
    const hint = codeHint(error.coapCode);
    return hint === undefined ? `${error.message}.` : `${error.message}. ${hint}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
