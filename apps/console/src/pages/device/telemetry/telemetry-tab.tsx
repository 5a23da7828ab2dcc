import type { ReactNode } from 'react';

import { deviceRoute } from '../../../app/route.ts';
import { go } from '../../../app/use-route.ts';
import { Failure } from '../../../components/failure.tsx';
import { RouteLink } from '../../../components/route-link.tsx';
import { useObservations, useValues } from '../../../server/use-answers.ts';
import { text } from '../../../text/en.ts';
import { Chart } from './chart.tsx';
import { type Charted, chartedOf, fittingInto } from './charted.ts';
import { SeriesChoice } from './series-choice.tsx';
import {
  chartRangeNames,
  formatTelemetryView,
  parseTelemetryView,
  type TelemetryView,
} from './telemetry-view.ts';
import { rangeSpan, useChartLines } from './use-chart-lines.ts';
import { useHistoryPaths } from './use-history.ts';

export interface TelemetryTabProps {
  readonly endpoint: string;
  /** What is charted and when, as it is in the URL. */
  readonly query: string;
}

/** The numbers of a device over time. */
export function TelemetryTab({ endpoint, query }: TelemetryTabProps): ReactNode {
  const { data: history, isPending, error } = useHistoryPaths(endpoint);
  const { data: observations = [] } = useObservations(endpoint);
  const { data: values = [] } = useValues(endpoint);
  if (isPending) return <p className="muted">{text.common.loading}</p>;
  const all = chartedOf(history ?? [], observations, values);
  if (all.length === 0) {
    if (error !== null) return <Failure error={error} />;
    return <Advice endpoint={endpoint}>{text.telemetry.none}</Advice>;
  }
  return (
    <div className="stack">
      {error !== null && <Failure error={error} />}
      <Telemetry endpoint={endpoint} view={parseTelemetryView(query)} all={all} />
    </div>
  );
}

interface TelemetryProps {
  readonly endpoint: string;
  readonly view: TelemetryView;
  readonly all: readonly Charted[];
}

function Telemetry({ endpoint, view, all }: TelemetryProps): ReactNode {
  const { range, span, paths } = view;
  const observed = all.filter(({ isObserved }) => isObserved);
  const { fits, refusals } = fittingInto(
    paths?.flatMap((path) => all.filter((charted) => charted.path === path)) ?? observed,
  );
  const { lines, isBusy, error } = useChartLines(endpoint, fits, range, span);
  const show = (next: TelemetryView): void => {
    // From one zoom to the next is no step to come back to, but to the first one and to what is live is.
    const replace = span !== undefined && next.span !== undefined;
    go(deviceRoute(endpoint, 'telemetry', '', formatTelemetryView(next)), { replace });
  };
  return (
    <>
      <label className="row">
        {text.telemetry.range}
        <select
          value={range}
          onChange={({ target }) => {
            const chosen = chartRangeNames.find((name) => name === target.value) ?? range;
            show({ range: chosen, ...(paths === undefined ? {} : { paths }) });
          }}
        >
          {chartRangeNames.map((name) => (
            <option key={name} value={name}>
              {text.telemetry.ranges[name]}
            </option>
          ))}
        </select>
      </label>
      <SeriesChoice
        all={all}
        chosen={fits}
        refusals={paths === undefined ? [] : refusals}
        onChoose={(chosen) => show({ ...view, paths: chosen })}
      />
      {error !== null && <Failure error={error} />}
      {fits.length === 0 ? (
        <Advice endpoint={endpoint}>{text.telemetry.nothingChosen}</Advice>
      ) : (
        <Chart
          endpoint={endpoint}
          lines={lines}
          isBusy={isBusy}
          span={span}
          liveSpan={(now) => rangeSpan(range, fits, now)}
          onSpan={(next) => {
            const { span: _before, ...live } = view;
            show(next === undefined ? live : { ...live, span: next });
          }}
        />
      )}
    </>
  );
}

/** What to do before there is something to see, and the way there. */
function Advice({ endpoint, children }: { readonly endpoint: string; readonly children: string }): ReactNode {
  return (
    <p className="notice">
      {children} <RouteLink to={deviceRoute(endpoint)}>{text.device.tabs.resources}</RouteLink>
    </p>
  );
}
