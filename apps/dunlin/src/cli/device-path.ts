import { formatPath, parsePath, type Path } from '@dunlin/lwm2m';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';

/** The path an argument names. */
export function devicePath(text: string): Path {
  const path = parsePath(text);
  if (path === undefined) {
    throw new ProgramError(
      ExitCode.usage,
      `${JSON.stringify(text)} is not a path such as /3/0/0 (Object/Instance/Resource)`,
    );
  }
  return path;
}

/** The path an argument names, in the one form that events and answers have it. */
export function devicePathText(text: string): string {
  return formatPath(devicePath(text));
}

/** `ID=VALUE` arguments as a record by id; `=` may be in the value. */
export function assignments(texts: readonly string[], example: string): Readonly<Record<string, string>> {
  const record: Record<string, string> = {};
  for (const text of texts) {
    const separator = text.indexOf('=');
    const id = text.slice(0, Math.max(separator, 0));
    if (!/^(0|[1-9]\d{0,4})$/.test(id)) {
      throw new ProgramError(
        ExitCode.usage,
        `${JSON.stringify(text)} is not an assignment such as ${example}`,
      );
    }
    if (id in record) throw new ProgramError(ExitCode.usage, `${id} is given twice`);
    record[id] = text.slice(separator + 1);
  }
  return record;
}
