import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, useDeferredValue, useId, useState } from 'react';

import type { Route } from '../app/route.ts';
import { go } from '../app/use-route.ts';
import { Dialog } from '../components/dialog.tsx';
import { api } from '../server/api.ts';
import { useHasSms } from '../server/use-sms.ts';
import { text } from '../text/en.ts';
import { type PaletteItem, paletteItems } from './palette-items.ts';
import styles from './palette.module.css';

export interface PaletteProps {
  readonly current: Route;
  readonly onClose: () => void;
}

/** Goes anywhere by a few letters (WAI-ARIA APG, combobox with a list). */
export function Palette({ current, onClose }: PaletteProps): ReactNode {
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const list = useId();
  const devices = useFound(useDeferredValue(typed.trim()));
  const items = paletteItems(typed, { devices, current, hasSms: useHasSms() });
  const chosen = Math.min(active, Math.max(0, items.length - 1));
  const open = (item: PaletteItem | undefined): void => {
    if (item === undefined) return;
    onClose();
    go(item.to);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setActive(Math.min(items.length - 1, chosen + 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(0, chosen - 1));
    else if (event.key === 'Enter') open(items[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={text.palette.title} onClose={onClose}>
      <input
        role="combobox"
        aria-label={text.palette.title}
        aria-expanded
        aria-controls={list}
        aria-activedescendant={items.length === 0 ? undefined : `${list}-${chosen}`}
        autoComplete="off"
        placeholder={text.palette.hint}
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          setActive(0);
        }}
        onKeyDown={press}
      />
      <div id={list} role="listbox" aria-label={text.palette.title} className={styles.list}>
        {items.map((item, index) => (
          // Keys are taken by the field, which keeps the focus.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={item.label}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === chosen}
            className={styles.item}
            onClick={() => open(item)}
          >
            {item.label}
          </div>
        ))}
      </div>
    </Dialog>
  );
}

/** Devices with such names, by the server. */
function useFound(name: string): readonly string[] {
  const { data } = useQuery({
    queryKey: ['palette', name],
    enabled: name !== '',
    queryFn: async ({ signal }) => {
      const { devices } = await api.devices({ contains: name, limit: 8 }, { signal });
      return devices.map(({ endpoint }) => endpoint);
    },
  });
  return data ?? [];
}
