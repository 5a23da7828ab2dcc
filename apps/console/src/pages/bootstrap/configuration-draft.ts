import {
  type BootstrapDocument,
  type BootstrapInput,
  type BootstrapTargetDocument,
  parseJson,
} from '@dunlin/api';

/**
 * A configuration that is being edited, as the JSON that it will be sent as: what is typed into a field is there as
 * it was typed as long as it is not what the member must be, so that the server tells what is wrong with it. The form and
 * the JSON show the same draft.
 */
export type ConfigurationDraft = Readonly<Record<string, unknown>>;

/** Whom a configuration is for. */
export function targetText(target: BootstrapTargetDocument): string {
  return 'endpoint' in target ? target.endpoint : target.pattern;
}

/** Whom a name means that was typed: endpoint names have no `*`. */
export function targetOf(name: string): BootstrapTargetDocument {
  return name.includes('*') ? { pattern: name } : { endpoint: name };
}

/** A configuration that gives a device a key of its own for this server. */
export function newDraft(host: string): ConfigurationDraft {
  return { servers: [newServer(host, [])] };
}

/** One more server, with the first Short Server ID that is free. */
export function newServer(host: string, others: readonly unknown[]): ConfigurationDraft {
  const taken = new Set(others.map((server) => memberAt(server, 'shortServerId')));
  let shortServerId = 1;
  while (taken.has(shortServerId)) shortServerId += 1;
  return {
    uri: `coaps://${host}:5684`,
    shortServerId,
    security: { kind: 'issued', proof: 'psk' },
    lifetime: 86_400,
  };
}

/** What is kept, to be changed; keys are not in it, and stay as they are. */
export function draftOf({
  target: _target,
  updatedAt: _updatedAt,
  ...terms
}: BootstrapDocument): ConfigurationDraft {
  return terms;
}

/** What was typed as JSON, or why it is no configuration; the server checks the rest. */
export type ReadDraft =
  | { readonly kind: 'draft'; readonly draft: ConfigurationDraft }
  | { readonly kind: 'problem'; readonly reason: string };

/** Reads a configuration that was edited as JSON. */
export function readDraft(json: string): ReadDraft {
  const parsed = parseJson(json);
  if (parsed.kind === 'failure') return { kind: 'problem', reason: parsed.reason };
  return isRecord(parsed.value)
    ? { kind: 'draft', draft: parsed.value }
    : { kind: 'problem', reason: 'an object with "servers"' };
}

/** A draft as it is sent; what is in it is the server's to judge. */
export function inputOf(draft: ConfigurationDraft): BootstrapInput {
  if (isInput(draft)) return draft;
  throw new Error('a draft is an object');
}

/** The member at a path such as `servers.0.uri`; `undefined` when there is none. */
export function memberAt(draft: unknown, path: string): unknown {
  let value = draft;
  for (const name of path.split('.'))
    value = isContainer(value) ? new Map(Object.entries(value)).get(name) : undefined;
  return value;
}

/** The names of the members of an object; none when there is none. */
export function namesAt(draft: unknown, path: string): readonly string[] {
  const value = memberAt(draft, path);
  return isContainer(value) ? Object.keys(value) : [];
}

/** The items of a list; none when there is no list. */
export function itemsAt(draft: unknown, path: string): readonly unknown[] {
  const value = memberAt(draft, path);
  return Array.isArray(value) ? value : [];
}

/** The draft with another value at a path; without the member, or the item of a list, for `undefined`. */
export function withMember(draft: ConfigurationDraft, path: string, value: unknown): ConfigurationDraft {
  const changed = changedAt(draft, path.split('.'), value);
  return isRecord(changed) ? changed : draft;
}

function changedAt(container: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(container)) {
    const items: readonly unknown[] = container;
    const index = Number(name);
    const item = changedAt(items[index], rest, value);
    if (index >= items.length) return item === undefined ? items : [...items, item];
    return items.flatMap((other, at) => (at !== index ? [other] : item === undefined ? [] : [item]));
  }
  const members = new Map(isContainer(container) ? Object.entries(container) : []);
  const member = changedAt(members.get(name), rest, value);
  if (member === undefined) members.delete(name);
  else members.set(name, member);
  return Object.fromEntries(members);
}

/** What was typed into a field for a whole number: nothing, the number, or the text, which the server refuses. */
export function typedNumber(text: string): number | string | undefined {
  if (text === '') return undefined;
  const number = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : text;
}

/** A URI under the scheme that goes with security or without it, with its usual port if it had the other's. */
export function uriUnderSecurity(uri: string, isSecured: boolean): string {
  return isSecured
    ? uri.replace(/^coap:/i, 'coaps:').replace(/:5683(?=\/|$)/, ':5684')
    : uri.replace(/^coaps:/i, 'coap:').replace(/:5684(?=\/|$)/, ':5683');
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isInput(value: object): value is BootstrapInput {
  return !Array.isArray(value);
}

function isRecord(value: unknown): value is ConfigurationDraft {
  return isContainer(value) && !Array.isArray(value);
}
