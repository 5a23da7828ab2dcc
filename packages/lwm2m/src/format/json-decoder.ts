import { utf8Decode } from '@dunlin/base';
import type { Content, TimestampedContent } from '../content.ts';
import type { ObjectDefinition } from '../object-definition.ts';
import { formatPath, type Path, pathContains, pathIds } from '../path.ts';
import { type FormatFailure, isFormatFailure, malformed, notExpressible } from './format-failure.ts';
import type { FormatLimits } from './format-limits.ts';
import { contentOfEntries, emptyContent } from './json-content.ts';
import { type JsonEntry, jsonEntryFrom, secondsFrom } from './json-entry.ts';
import { isJsonArray, isJsonObject, parseJsonExactly } from './json-value.ts';
import { parseObjectLink } from './plain-text.ts';

/**
 * The contents of a payload of OMA JSON (Content-Format 11543, 1.0 §6.4.4) by the times of its entries, the
 * newest first. A time is Unix seconds when it is positive, and seconds relative to now when it is negative;
 * now is given by leaving it out (R-1134).
 */
export function decodeJson(
  path: Path,
  payload: Uint8Array,
  definition: ObjectDefinition | undefined,
  limits: FormatLimits,
): readonly TimestampedContent[] | FormatFailure {
  if (path.kind === 'root') return notExpressible('the root has no content');
  const entries = entriesFrom(path, payload, limits);
  if (isFormatFailure(entries)) return entries;
  const own = entries.filter((entry) => pathContains(path, entry.path));
  const stranger = firstUnlinked(own, entries);
  if (stranger !== undefined) {
    return malformed(`${formatPath(stranger.path)} is outside ${formatPath(path)}`);
  }
  if (own.length === 0) {
    const content = emptyContent(path, definition);
    return isFormatFailure(content) ? content : [{ content }];
  }
  const contents: TimestampedContent[] = [];
  for (const [time, ofTime] of Map.groupBy(own, (entry) => entry.time)) {
    const content: Content | FormatFailure = contentOfEntries(path, ofTime, definition);
    if (isFormatFailure(content)) return content;
    contents.push(time === 0 ? { content } : { time, content });
  }
  return contents.sort((a, b) => ageRank(b) - ageRank(a));
}

function entriesFrom(
  path: Path,
  payload: Uint8Array,
  limits: FormatLimits,
): readonly JsonEntry[] | FormatFailure {
  const text = payload.length > limits.maxPayloadLength ? undefined : utf8Decode(payload);
  if (text === undefined) return malformed('the payload is too long or not UTF-8');
  const root = parseJsonExactly(text, limits);
  if (isFormatFailure(root)) return root;
  if (!isJsonObject(root)) return malformed('the payload is not a JSON object');
  const { bn: baseName = '', e: items } = root;
  const baseTime = secondsFrom(root['bt']);
  if (typeof baseName !== 'string') return malformed('bn is not a text');
  if (baseTime === undefined) return malformed('bt is not a number');
  if (!isJsonArray(items)) return malformed('e is missing or not an array');
  const entries: JsonEntry[] = [];
  for (const item of items) {
    const entry = jsonEntryFrom(item, { path, baseName, baseTime });
    if (entry.kind === 'failure') return entry;
    entries.push(entry);
  }
  return entries;
}

/**
 * The first entry that neither belongs to what was addressed nor to an Object Instance reached from there
 * through links (R-1133). What links reach is tolerated and passed over.
 */
function firstUnlinked(own: readonly JsonEntry[], all: readonly JsonEntry[]): JsonEntry | undefined {
  if (own.length === all.length) return undefined;
  const byInstance = Map.groupBy(all, (entry) => instanceOf(entry.path));
  const reached = new Set<string>();
  const isOwn = new Set(own);
  const pending = [...own];
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    const link =
      entry.key === 'ov' && typeof entry.value === 'string' ? parseObjectLink(entry.value) : undefined;
    if (link === undefined) continue;
    const target = `${link.objectId}/${link.objectInstanceId}`;
    if (reached.has(target)) continue;
    reached.add(target);
    for (const linked of byInstance.get(target) ?? []) pending.push(linked);
  }
  return all.find((entry) => !isOwn.has(entry) && !reached.has(instanceOf(entry.path)));
}

function instanceOf(path: Path): string {
  return pathIds(path).slice(0, 2).join('/');
}

function ageRank(timestamped: TimestampedContent): number {
  return timestamped.time ?? 0;
}
