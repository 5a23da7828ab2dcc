import { type ReactNode, useState } from 'react';

import { text } from '../../../text/en.ts';
import { type Charted, fittingInto, type Refusal } from './charted.ts';
import styles from './series-choice.module.css';

export interface SeriesChoiceProps {
  readonly all: readonly Charted[];
  readonly chosen: readonly Charted[];
  /** What the URL asks for and does not fit. */
  readonly refusals: readonly Refusal[];
  readonly onChoose: (paths: readonly string[]) => void;
}

/** Which Resources are in the chart. One that does not fit is refused, and why is said. */
export function SeriesChoice({ all, chosen, refusals, onChoose }: SeriesChoiceProps): ReactNode {
  const [refused, setRefused] = useState<Refusal>();
  const choose = (charted: Charted, isChosen: boolean): void => {
    const rest = chosen.filter(({ path }) => path !== charted.path);
    const [refusal] = isChosen ? fittingInto([...rest, charted]).refusals : [];
    setRefused(refusal);
    if (refusal === undefined) onChoose([...rest, ...(isChosen ? [charted] : [])].map(({ path }) => path));
  };
  return (
    <div>
      <details open={chosen.length === 0 ? true : undefined}>
        <summary>{text.telemetry.choose(chosen.length, all.length)}</summary>
        <fieldset className={styles.choice}>
          <legend className="hidden-visually">{text.telemetry.choice}</legend>
          {all.map((charted) => (
            <label key={charted.path} className={styles.choosable}>
              <input
                type="checkbox"
                checked={chosen.some(({ path }) => path === charted.path)}
                onChange={({ target }) => choose(charted, target.checked)}
              />
              <span>
                {charted.name} <span className="mono muted">{charted.path}</span> {charted.units}
                {!charted.isObserved && <span className="muted"> · {text.telemetry.notObserved}</span>}
              </span>
            </label>
          ))}
        </fieldset>
      </details>
      <div role="status">
        {(refused === undefined ? refusals : [refused]).map((refusal) => (
          <p key={refusal.of.path} className="notice">
            {refusalText(refusal)}
          </p>
        ))}
      </div>
    </div>
  );
}

function refusalText(refusal: Refusal): string {
  const { name, path, units } = refusal.of;
  switch (refusal.kind) {
    case 'third-unit':
      return text.telemetry.thirdUnit(
        `${name} ${path}`,
        unitText(units),
        refusal.units.map(unitText).join(' and '),
      );
    case 'too-many':
      return text.telemetry.tooMany(`${name} ${path}`);
  }
}

function unitText(unit: string): string {
  return unit === '' ? text.telemetry.noUnit : unit;
}
