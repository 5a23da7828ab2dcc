import type { DeviceState } from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import { endpointPattern, type ObjectList, parsePath } from '@dunlin/lwm2m';

import { didYouMean } from '../program/suggestion.ts';
import type { DeviceFacts, FleetEntry } from './fleet-entry.ts';
import {
  type FilterProblem,
  type FilterTerm,
  type FilterValue,
  filterTerms,
  problem,
} from './filter-terms.ts';
import { instantTest, numberTest, orderTest } from './measure-tests.ts';
import { compareVersions } from './version-order.ts';

/** What conditions look at beside the entry. */
interface FilterContext {
  readonly now: Instant;
  readonly stateOf: (entry: FleetEntry) => DeviceState;
}

/** Whether a device fits. */
export type EntryTest = (entry: FleetEntry, context: FilterContext) => boolean;

/** A filter that can be asked. */
export interface DeviceFilter {
  readonly kind: 'filter';
  readonly fits: EntryTest;
}

/**
 * Understands a filter such as `state:online model:"X1" seen<1h tag:lab has:/3303 -binding:U lamp`: all conditions have to
 * hold. Without one that says `state` only devices that are registered fit.
 */
export function deviceFilter(text: string): DeviceFilter | FilterProblem {
  const terms = filterTerms(text);
  if ('reason' in terms) return terms;
  const tests: EntryTest[] = terms.some(({ key }) => key === 'state')
    ? []
    : [({ isRegistered }) => isRegistered];
  for (const term of terms) {
    const test = termTest(term);
    if (typeof test !== 'function') return test;
    tests.push(term.isNegated ? (entry, context) => !test(entry, context) : test);
  }
  return {
    kind: 'filter',
    fits(entry, context) {
      for (const test of tests) if (!test(entry, context)) return false;
      return true;
    },
  };
}

type TermTest = (term: FilterTerm) => EntryTest | FilterProblem;

const keys: Readonly<Record<string, TermTest>> = {
  state: stateTest,
  endpoint: nameTest,
  model: factText(({ modelNumber }) => modelNumber),
  manufacturer: factText(({ manufacturer }) => manufacturer),
  address: addressTest,
  fw: versionTest,
  tag: tagTest,
  has: objectTest,
  binding: wholeText(({ bindingMode }) => bindingMode),
  security: wholeText(({ security }) => security),
  version: wholeText(({ version }) => version),
  seen: instantTest('since', ({ lastSeen }) => lastSeen),
  registered: instantTest('since', ({ registeredAt }) => registeredAt),
  first: instantTest('since', ({ firstSeen }) => firstSeen),
  expires: instantTest('until', ({ expiresAt }) => expiresAt),
  lifetime: numberTest(({ lifetime }) => lifetime),
  queued: numberTest(({ queued }) => queued),
};

const synonyms: Readonly<Record<string, string>> = {
  ep: 'endpoint',
  firmware: 'fw',
  tags: 'tag',
  object: 'has',
  ip: 'address',
};

function termTest(term: FilterTerm): EntryTest | FilterProblem {
  const { key, position, isNegated, values } = term;
  if (key === undefined) return wordTest(values);
  const make = keys[synonyms[key] ?? key];
  if (make !== undefined) return make(term);
  const known = Object.keys(keys);
  const hint = didYouMean(key, known) || `; there are ${known.join(', ')}`;
  const quotes = ' (a word with a colon goes into quotation marks)';
  return problem(
    position + (isNegated ? 1 : 0),
    `${JSON.stringify(key)} is nothing to filter by${hint}${quotes}`,
  );
}

/** A word is looked for in the name, the model and the manufacturer. */
function wordTest(values: readonly FilterValue[]): EntryTest {
  const fits = partTest(values);
  const factsFit = remembered<DeviceFacts>(
    ({ modelNumber, manufacturer }) => fits(modelNumber) || fits(manufacturer),
  );
  return ({ endpointName, lowerName, facts }) => fits(endpointName, lowerName) || factsFit(facts);
}

type TextTest = (text: string | undefined, lower?: string) => boolean;

/** Devices of a make share what is known of it: each is looked at once in a search. */
function remembered<T>(test: (thing: T) => boolean): (thing: T) => boolean {
  const known = new Map<T, boolean>();
  return (thing) => {
    const before = known.get(thing);
    if (before !== undefined) return before;
    const answer = test(thing);
    known.set(thing, answer);
    return answer;
  };
}

function nameTest(term: FilterTerm): EntryTest | FilterProblem {
  const fits = term.operator === '=' ? equalTest(term.values) : partTest(term.values);
  return onlyEquality(term) ?? (({ endpointName, lowerName }) => fits(endpointName, lowerName));
}

/**
 * `:` looks for a part in any case of letters, or with a star for the whole; `=` for exactly this. Addresses have no capital
 * letters.
 */
function addressTest(term: FilterTerm): EntryTest | FilterProblem {
  const fits = term.operator === '=' ? equalTest(term.values) : partTest(term.values);
  return onlyEquality(term) ?? (({ address }) => fits(address, address));
}

/** As `addressTest`, of what a device says of itself. */
function factText(read: (facts: DeviceFacts) => string | undefined): TermTest {
  return (term) => {
    const test = term.operator === '=' ? equalTest(term.values) : partTest(term.values);
    const fits = remembered<DeviceFacts>((facts) => test(read(facts)));
    return onlyEquality(term) ?? (({ facts }) => fits(facts));
  };
}

/** `:` and `=` look for the whole, the former in any case of letters and with stars. */
function wholeText(read: (entry: FleetEntry) => string | undefined): TermTest {
  return (term) => {
    const test = term.operator === '=' ? equalTest(term.values) : wholeTest(term.values);
    const fits = remembered<string | undefined>((text) => test(text));
    return onlyEquality(term) ?? ((entry) => fits(read(entry)));
  };
}

function equalTest(values: readonly FilterValue[]): TextTest {
  return (text) => values.some((value) => value.text === text);
}

function partTest(values: readonly FilterValue[]): TextTest {
  return foldedTest(values, (lower, wanted) => lower.includes(wanted));
}

function wholeTest(values: readonly FilterValue[]): TextTest {
  return foldedTest(values, (lower, wanted) => lower === wanted);
}

/** In any case of letters: a value with stars is a pattern, any other is compared. */
function foldedTest(
  values: readonly FilterValue[],
  compare: (lower: string, wanted: string) => boolean,
): TextTest {
  const tests = values.map(({ text, isQuoted }) => {
    const wanted = text.toLowerCase();
    const isPattern = !isQuoted && wanted.includes('*');
    return isPattern ? endpointPattern(wanted) : (lower: string): boolean => compare(lower, wanted);
  });
  const [only, ...others] = tests;
  // One value is what nearly every condition has: looking through a list of one took most of the time of a search.
  if (only !== undefined && others.length === 0)
    return (text, lower = text?.toLowerCase()) => lower !== undefined && only(lower);
  return (text, lower = text?.toLowerCase()) => lower !== undefined && tests.some((fits) => fits(lower));
}

function stateTest(term: FilterTerm): EntryTest | FilterProblem {
  const states = new Map<string, readonly DeviceState[]>([
    ['online', ['online']],
    ['asleep', ['asleep']],
    ['offline', ['offline']],
    ['lapsed', ['offline']],
    ['registered', ['online', 'asleep']],
    ['any', ['online', 'asleep', 'offline']],
  ]);
  const wanted = new Set<DeviceState>();
  for (const { text, position } of term.values) {
    const meant = states.get(text.toLowerCase());
    if (meant === undefined) {
      const known = [...states.keys()];
      return problem(
        position,
        `a state is ${known.join(', ')}, not ${JSON.stringify(text)}${didYouMean(text, known)}`,
      );
    }
    for (const state of meant) wanted.add(state);
  }
  return onlyEquality(term) ?? ((entry, { stateOf }) => wanted.has(stateOf(entry)));
}

function versionTest(term: FilterTerm): EntryTest | FilterProblem {
  const { operator, values } = term;
  if (operator === ':' || operator === '=') {
    const test = operator === '=' ? equalTest(values) : wholeTest(values);
    const fits = remembered<DeviceFacts>(({ firmwareVersion }) => test(firmwareVersion));
    return ({ facts }) => fits(facts);
  }
  const [value, surplus] = values;
  if (value === undefined || surplus !== undefined) return oneValue(term);
  const holds = orderTest(operator);
  const fits = remembered<DeviceFacts>(
    ({ firmwareVersion }) =>
      firmwareVersion !== undefined && holds(compareVersions(firmwareVersion, value.text)),
  );
  return ({ facts }) => fits(facts);
}

function tagTest(term: FilterTerm): EntryTest | FilterProblem {
  const fits = term.operator === '=' ? equalTest(term.values) : wholeTest(term.values);
  return onlyEquality(term) ?? (({ tags }) => tags.some((tag) => fits(tag)));
}

function objectTest(term: FilterTerm): EntryTest | FilterProblem {
  const wanted: { readonly objectId: number; readonly instanceId: number | undefined }[] = [];
  for (const { text, position } of term.values) {
    const path = parsePath(text);
    if (path === undefined || (path.kind !== 'object' && path.kind !== 'object-instance'))
      return problem(
        position,
        `has: takes the path of an Object or an Object Instance, such as /3303 or /3303/0, not ${JSON.stringify(text)}`,
      );
    wanted.push({
      objectId: path.objectId,
      instanceId: path.kind === 'object-instance' ? path.objectInstanceId : undefined,
    });
  }
  const hasOne = remembered<ObjectList['objects']>((objects) =>
    wanted.some(({ objectId, instanceId }) => {
      const object = objects.get(objectId);
      return object !== undefined && (instanceId === undefined || object.instances.includes(instanceId));
    }),
  );
  return onlyEquality(term) ?? (({ objects }) => hasOne(objects));
}

function onlyEquality({ operator, key, position }: FilterTerm): FilterProblem | undefined {
  if (operator === ':' || operator === '=') return undefined;
  return problem(position, `${key ?? ''} cannot be compared with ${operator}; use ${key ?? ''}:`);
}

function oneValue({ position, operator }: FilterTerm): FilterProblem {
  return problem(position, `${operator} takes one value`);
}
