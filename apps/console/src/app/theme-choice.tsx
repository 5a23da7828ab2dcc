import { type ReactNode, useState } from 'react';

import { text } from '../text/en.ts';
import { chooseTheme, storedTheme, themes } from './theme.ts';

/** The switch between the colours of the system, light and dark. */
export function ThemeChoice(): ReactNode {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <select
      aria-label={text.theme.label}
      value={theme}
      onChange={({ target }) => {
        const chosen = themes.find((known) => known === target.value) ?? 'system';
        chooseTheme(chosen);
        setTheme(chosen);
      }}
    >
      {themes.map((known) => (
        <option key={known} value={known}>
          {text.theme[known]}
        </option>
      ))}
    </select>
  );
}
