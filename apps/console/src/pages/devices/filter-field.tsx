import { type ReactNode, useId } from 'react';

import { go } from '../../app/use-route.ts';
import { text } from '../../text/en.ts';
import styles from './devices-page.module.css';
import { filterCompletions } from './filter-completions.ts';

/** The filter, which is in the URL; its last condition is completed as one types. */
export function FilterField({ filter }: { readonly filter: string }): ReactNode {
  const completions = useId();
  return (
    <div className={styles.filter}>
      <input
        type="search"
        aria-label={text.devices.filter}
        placeholder={text.devices.filterHint}
        data-shortcut="/"
        list={completions}
        autoComplete="off"
        spellCheck={false}
        value={filter}
        onChange={({ target }) => go({ page: 'devices', filter: target.value }, { replace: true })}
      />
      <datalist id={completions}>
        {filterCompletions(filter).map((completion) => (
          <option key={completion}>{completion}</option>
        ))}
      </datalist>
    </div>
  );
}
