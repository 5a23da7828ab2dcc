import { type ReactNode, useState } from 'react';

import { deviceRoute } from '../../../app/route.ts';
import { go } from '../../../app/use-route.ts';
import { AskedStateText } from '../../../asking/asked-state.tsx';
import { useAsked } from '../../../asking/use-asking.ts';
import { RouteLink } from '../../../components/route-link.tsx';
import { useObservations, useValues } from '../../../server/use-answers.ts';
import { text } from '../../../text/en.ts';
import { ResourceChart } from './resource-chart.tsx';
import { chartedPaths } from './charted-paths.ts';

/** Seconds that a chart may show. */
const ranges = [300, 3600, 86_400, 604_800, 2_592_000] as const;

export interface TelemetryTabProps {
  readonly endpoint: string;
  /** Seconds that are shown, as they are in the URL. */
  readonly range: string;
}

/** The observed numbers of a device over time. */
export function TelemetryTab({ endpoint, range: wanted }: TelemetryTabProps): ReactNode {
  const { data: observations = [] } = useObservations(endpoint);
  const { data: values = [] } = useValues(endpoint);
  const asked = useAsked();
  const range = ranges.find((seconds) => String(seconds) === wanted) ?? ranges[0];
  const [isPaused, setPaused] = useState(false);
  const charted = chartedPaths(observations, values);
  return (
    <div className="stack">
      <div className="row">
        <label className="row">
          {text.telemetry.range}
          <select
            value={range}
            onChange={({ target }) =>
              go(deviceRoute(endpoint, 'telemetry', '', target.value), { replace: true })
            }
          >
            {ranges.map((seconds) => (
              <option key={seconds} value={seconds}>
                {text.telemetry.ranges[seconds]}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          className="button small"
          aria-pressed={isPaused}
          onClick={() => setPaused(!isPaused)}
        >
          {isPaused ? text.telemetry.goOn : text.telemetry.pause}
        </button>
      </div>
      {charted.length === 0 && (
        <p className="notice">
          {text.telemetry.none} <RouteLink to={deviceRoute(endpoint)}>{text.device.tabs.resources}</RouteLink>
        </p>
      )}
      {charted.map((value) => (
        <section key={value.path} className="card stack">
          <ResourceChart endpoint={endpoint} value={value} range={range} isPaused={isPaused} />
          <AskedStateText asked={asked.get(value.path)} />
        </section>
      ))}
    </div>
  );
}
