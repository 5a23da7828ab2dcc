import { addDuration, earliestOf, type Instant, type Seconds, seconds, toMilliseconds } from '@dunlin/base';

import type { Content } from '../content.ts';
import type { NotificationAttributes } from '../notification-attributes.ts';
import type { Path } from '../path.ts';
import { type ConditionsAt, isContentReportable } from './content-change.ts';

/** What reporting remembers of one observation. Plain data: it may be stored. */
export interface ReportingState {
  /** When the last notification went, the response to the Observe being the first one. */
  readonly lastSentTime: Instant;
  /** What that notification said. */
  readonly lastSent: Content;
  /** Since when a change waits for the end of pmin. */
  readonly pendingSince?: Instant | undefined;
}

/** What a notification is judged by. */
export interface ReportingInput {
  /** What is observed. */
  readonly path: Path;
  /** The attributes in effect at the observed path, the defaults of the Server included. */
  readonly attributes: NotificationAttributes;
  /** The conditions on Resources below the observed path; absent when it is a Resource, or when there are none. */
  readonly conditionsAt?: ConditionsAt | undefined;
  /** What is there now, as a notification would say it. */
  readonly content: Content;
  readonly now: Instant;
}

/**
 * What to do now, and the state from here on. `notify`: send the content; the state takes it as sent, so
 * keep the old one when it cannot be sent. `wait`: evaluate again at the next change of the content or of the
 * attributes, and at `until` unless that is `undefined`; nothing happens in between, so nothing need be polled.
 */
export type ReportingDecision =
  | { readonly kind: 'notify'; readonly state: ReportingState }
  | { readonly kind: 'wait'; readonly until: Instant | undefined; readonly state: ReportingState };

/** The state of an observation whose first content went out at `now`. */
export function startReporting(content: Content, now: Instant): ReportingState {
  return { lastSentTime: now, lastSent: content };
}

/**
 * Decides on a notification: one goes out when a reportable change is there and pmin has
 * passed since the last one, or when pmax has passed.
 *
 * A reportable change within pmin is remembered, and what is current when pmin ends is sent, also when the
 * value has come back by then: the change was to be notified, and the quiet period only postpones that
 * . A pmax of 0 or below pmin is ignored.
 */
export function evaluateNotification(state: ReportingState, input: ReportingInput): ReportingDecision {
  const { content, now, attributes } = input;
  const { pmin, pmax } = reportingPeriods(attributes);
  const earliest = addDuration(state.lastSentTime, toMilliseconds(pmin));
  const latest = pmax === undefined ? undefined : addDuration(state.lastSentTime, toMilliseconds(pmax));

  if (latest !== undefined && now >= latest) return { kind: 'notify', state: startReporting(content, now) };
  const pendingSince = state.pendingSince ?? (hasReportableChange(state, input) ? now : undefined);
  if (pendingSince === undefined) return { kind: 'wait', until: latest, state };
  if (now >= earliest) return { kind: 'notify', state: startReporting(content, now) };
  return {
    kind: 'wait',
    until: earliestOf(earliest, latest),
    state: state.pendingSince === undefined ? { ...state, pendingSince } : state,
  };
}

/** The periods that count: pmin is 0 unless set, and pmax is left out when it is 0 or below pmin. */
export function reportingPeriods(attributes: NotificationAttributes): {
  readonly pmin: Seconds;
  readonly pmax: Seconds | undefined;
} {
  const pmin = attributes.pmin ?? noPeriod;
  const { pmax } = attributes;
  return { pmin, pmax: pmax === undefined || pmax === 0 || pmax < pmin ? undefined : pmax };
}

const noPeriod = seconds(0);

function hasReportableChange(
  state: ReportingState,
  { path, attributes, content, conditionsAt }: ReportingInput,
): boolean {
  return isContentReportable(state.lastSent, content, {
    path,
    conditionsAt: isResource(path) ? () => attributes : conditionsAt,
  });
}

function isResource(path: Path): boolean {
  return path.kind === 'resource' || path.kind === 'resource-instance';
}
