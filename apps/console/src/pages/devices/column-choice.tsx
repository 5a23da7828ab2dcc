import type { ReactNode } from 'react';

import { text } from '../../text/en.ts';
import { choosableColumns, type ChoosableColumn } from './chosen-columns.ts';
import styles from './devices-page.module.css';

export interface ColumnChoiceProps {
  readonly chosen: readonly ChoosableColumn[];
  readonly onChoose: (columns: readonly ChoosableColumn[]) => void;
}

/** Which columns the list has. */
export function ColumnChoice({ chosen, onChoose }: ColumnChoiceProps): ReactNode {
  return (
    <details className={styles.menu}>
      <summary className="button">{text.devices.chooseColumns}</summary>
      <fieldset className={styles.panel}>
        <legend className="hidden-visually">{text.devices.chooseColumns}</legend>
        {choosableColumns.map((column) => (
          <label key={column} className="row">
            <input
              type="checkbox"
              checked={chosen.includes(column)}
              onChange={({ target: { checked } }) =>
                onChoose(
                  choosableColumns.filter((each) => (each === column ? checked : chosen.includes(each))),
                )
              }
            />
            {text.devices.columns[column]}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
