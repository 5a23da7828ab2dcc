import { type DeviceSummary, DeviceSummarySchema, parseJson } from '@dunlin/api';
import { type Instant, instantFrom } from '@dunlin/base';
import { type ObjectList, parseBindingMode } from '@dunlin/lwm2m';
import * as Value from 'typebox/value';

import type { FleetEntry } from './fleet-entry.ts';
import type { Interned } from './interned.ts';

/** The document of a registration that has ended; `undefined` for a text that is none, such as of another version. */
export function lapsedSummary(text: string): DeviceSummary | undefined {
  const document = parseJson(text);
  return document.kind === 'json' && Value.Check(DeviceSummarySchema, document.value)
    ? document.value
    : undefined;
}

type LapsedFacts = Pick<
  FleetEntry,
  | 'bindingMode'
  | 'security'
  | 'version'
  | 'address'
  | 'lifetime'
  | 'objects'
  | 'registeredAt'
  | 'updatedAt'
  | 'expiresAt'
>;

/** What an entry has of a registration that has ended. */
export function lapsedFacts(text: string, texts: Interned): Partial<LapsedFacts> {
  const summary = lapsedSummary(text);
  if (summary === undefined) return {};
  const bindingMode = parseBindingMode(summary.bindingMode);
  return {
    ...(bindingMode === undefined ? {} : { bindingMode }),
    security: summary.security,
    version: texts.text(summary.version),
    address: summary.address,
    lifetime: summary.lifetime,
    objects: texts.objects(objectsOf(summary)),
    registeredAt: instantOf(summary.registeredAt),
    updatedAt: instantOf(summary.updatedAt),
    expiresAt: instantOf(summary.expiresAt),
  };
}

function objectsOf({ objects }: DeviceSummary): ObjectList['objects'] {
  return new Map(
    objects.map(({ id, version, instances }) => [
      id,
      version === undefined ? { instances } : { version, instances },
    ]),
  );
}

function instantOf(text: string): Instant {
  return instantFrom(Date.parse(text));
}
