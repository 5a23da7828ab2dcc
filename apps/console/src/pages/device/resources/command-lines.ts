import type { AttributesInput, ResourceInput } from '@dunlin/api';

import type { AskingTerms } from '../../../asking/asking-terms.ts';

/** What is asked of a path, as it is told to the program's commands. */
export type CommandOperation =
  | { readonly name: 'read' | 'discover' | 'observe' | 'delete' }
  /** To a Resource. */
  | { readonly name: 'write'; readonly input: ResourceInput }
  /** To some Resources of an Object Instance; the others stay. */
  | { readonly name: 'update'; readonly resources: Readonly<Record<string, ResourceInput>> }
  | { readonly name: 'execute'; readonly args: string }
  | {
      readonly name: 'create';
      readonly resources: Readonly<Record<string, ResourceInput>>;
      readonly instanceId?: number | undefined;
    }
  | { readonly name: 'attributes'; readonly change: AttributesInput };

/** Whom something is asked, where, and on what terms. */
export interface CommandTarget {
  readonly endpoint: string;
  readonly path: string;
  readonly terms?: AskingTerms;
}

/**
 * The line of a shell that does the same by the program's command; `undefined` when there is none, as for several
 * values of a Resource among those of an Object Instance, for another channel than that of the registration, and for
 * what no argument of a program can hold.
 */
export function commandLine(
  { endpoint, path, terms = {} }: CommandTarget,
  operation: CommandOperation,
): string | undefined {
  const words = wordsOf(operation);
  if (words === undefined || terms.channel !== undefined) return undefined;
  const { command, options = [], operands = [] } = words;
  const told = [...termWords(terms, operation.name), ...options];
  const all = [endpoint, path, ...operands];
  if ([...told, ...all].some((word) => word.includes('\0'))) return undefined;
  // What begins with a dash would be taken for an option.
  const end = all.some((word) => word.startsWith('-')) ? ['--'] : [];
  return ['npx dunlin', command, ...[...told, ...end, ...all].map(quoted)].join(' ');
}

/** The line of a shell that reads by HTTP. */
export function curlLine(origin: string, endpoint: string, path: string): string {
  const url = `${origin}/api/v1/devices/${encodeURIComponent(endpoint)}/resources${path}`;
  return `curl -H "Authorization: Bearer $DUNLIN_API_TOKEN" ${quoted(url)}`;
}

/** Operations that bring content to or from the device. */
const withContent: ReadonlySet<CommandOperation['name']> = new Set(['read', 'write', 'update', 'create']);

/** Attributes are wished for, and set when that is possible. */
function termWords({ timeout, format }: AskingTerms, name: CommandOperation['name']): readonly string[] {
  return [
    ...(timeout === undefined || name === 'attributes' ? [] : ['--timeout', String(timeout)]),
    ...(format === undefined || !withContent.has(name) ? [] : ['--format', format]),
  ];
}

interface CommandWords {
  readonly command: string;
  readonly options?: readonly string[];
  /** What comes after endpoint and path. */
  readonly operands?: readonly string[];
}

function wordsOf(operation: CommandOperation): CommandWords | undefined {
  const { name: command } = operation;
  switch (operation.name) {
    case 'read':
    case 'discover':
    case 'observe':
    case 'delete':
      return { command };
    case 'execute':
      return { command, operands: operation.args === '' ? [] : [operation.args] };
    case 'write':
      return { command, ...valueWords(operation.input) };
    case 'update': {
      const operands = assignments(operation.resources);
      // Without any there would be nothing to write.
      const isWrite = operands !== undefined && operands.length > 0;
      return isWrite ? { command: 'write', options: ['--mode', 'update'], operands } : undefined;
    }
    case 'create': {
      const { resources, instanceId } = operation;
      const operands = assignments(resources);
      const options = instanceId === undefined ? [] : ['--instance', String(instanceId)];
      return operands && { command, options, operands };
    }
    case 'attributes': {
      const changes = Object.entries(operation.change).map(
        ([attribute, value]) => `${attribute}=${value ?? ''}`,
      );
      return changes.length === 0 ? undefined : { command, operands: changes };
    }
  }
}

function valueWords(input: ResourceInput): Omit<CommandWords, 'command'> {
  const type = input.type === undefined ? [] : ['--type', input.type];
  if ('value' in input) return { options: type, operands: [String(input.value)] };
  const values = Object.entries(input.values).map(([id, value]) => `${id}=${String(value)}`);
  return { options: ['--multiple', ...type], operands: values };
}

/** `RESOURCE=VALUE` words; `undefined` when a Resource has several values, for which there is no such word. */
function assignments(resources: Readonly<Record<string, ResourceInput>>): readonly string[] | undefined {
  const words: string[] = [];
  for (const [id, input] of Object.entries(resources)) {
    if (!('value' in input)) return undefined;
    words.push(`${id}=${String(input.value)}`);
  }
  return words;
}

/** One word of a POSIX shell, whatever is in it: names of endpoints are chosen by devices. */
function quoted(word: string): string {
  return /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
