import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * For the `skip` option of a test that needs other people's programs: false when all are there, else the
 * reason. Under `CI=true` a missing peer is a failure, because there the peers are part of the gate.
 */
export function skipWithout(...programs: readonly string[]): string | false {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return false;
  const reason = `not installed: ${missing.join(', ')} (Debian packages libcoap3-bin and tshark)`;
  if (process.env['CI'] === 'true') throw new Error(`a peer program of the gate is ${reason}`);
  return reason;
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
