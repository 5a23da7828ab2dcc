import { instantFrom } from '@dunlin/base';
import { isJsonObject, type JsonObject, type JsonValue } from '@dunlin/lwm2m';

import type { DesiredItem, DesiredOutcome } from './desired-item.ts';
import { changeFromJson, changeToJson } from './operation-json.ts';

/** A wish as JSON, for durable stores. */
export function desiredToJson(item: DesiredItem): JsonObject {
  const { kind, path, since, outcome } = item;
  const facts = { kind, path, since, outcome: outcome === undefined ? undefined : { ...outcome } };
  return item.kind === 'observation'
    ? { ...facts, format: item.format }
    : { ...facts, change: changeToJson(item.change) };
}

/** The wish that JSON of `desiredToJson` stands for; `undefined` when it stands for none. */
export function desiredFromJson(json: JsonValue): DesiredItem | undefined {
  if (!isJsonObject(json)) return undefined;
  const { kind, path, since, format } = json;
  if (typeof path !== 'string' || typeof since !== 'number') return undefined;
  const outcome = json['outcome'] === undefined ? undefined : outcomeFromJson(json['outcome']);
  if (json['outcome'] !== undefined && outcome === undefined) return undefined;
  const facts = { path, since: instantFrom(since), ...(outcome === undefined ? {} : { outcome }) };
  if (kind === 'observation') return { kind, ...facts, ...(typeof format === 'number' ? { format } : {}) };
  const change = changeFromJson(json['change']);
  return kind === 'attributes' && change !== undefined ? { kind, ...facts, change } : undefined;
}

function outcomeFromJson(json: JsonValue): DesiredOutcome | undefined {
  if (!isJsonObject(json)) return undefined;
  const { kind, registrationId, at, reason, coapCode } = json;
  if (typeof registrationId !== 'string' || typeof at !== 'number') return undefined;
  const facts = { registrationId, at: instantFrom(at) };
  if (kind === 'established') return { ...facts, kind };
  if ((kind !== 'refused' && kind !== 'failed') || typeof reason !== 'string') return undefined;
  return { ...facts, kind, reason, ...(typeof coapCode === 'string' ? { coapCode } : {}) };
}
