import {
  type BootstrapDocument,
  type BootstrapInput,
  type BootstrapTargetDocument,
  parseJson,
} from '@dunlin/api';

/** Whom a configuration is for. */
export function targetText(target: BootstrapTargetDocument): string {
  return 'endpoint' in target ? target.endpoint : target.pattern;
}

/** A configuration that gives a device a key of its own for this server. */
export function newConfiguration(host: string): string {
  const input: BootstrapInput = {
    servers: [
      {
        uri: `coaps://${host}:5684`,
        shortServerId: 1,
        security: { kind: 'issued', proof: 'psk' },
        lifetime: 86_400,
      },
    ],
  };
  return JSON.stringify(input, null, 2);
}

/** A configuration as a text to be edited; keys are not in it, and stay as they are. */
export function configurationText({
  target: _target,
  updatedAt: _updatedAt,
  ...terms
}: BootstrapDocument): string {
  return JSON.stringify(
    terms,
    (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
    2,
  );
}

/** What was typed, or what is wrong with it; the server checks the rest. */
export type ReadConfiguration =
  | { readonly kind: 'input'; readonly input: BootstrapInput }
  | { readonly kind: 'problem'; readonly reason: string };

/** Reads a configuration that was edited. */
export function readConfiguration(json: string): ReadConfiguration {
  const parsed = parseJson(json);
  if (parsed.kind === 'failure') return { kind: 'problem', reason: parsed.reason };
  return isInput(parsed.value)
    ? { kind: 'input', input: parsed.value }
    : { kind: 'problem', reason: 'an object with "servers"' };
}

function isInput(value: unknown): value is BootstrapInput {
  return typeof value === 'object' && value !== null && 'servers' in value && Array.isArray(value.servers);
}
