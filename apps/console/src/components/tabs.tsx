import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react';

import styles from './tabs.module.css';

export interface TabsProps<Name extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly name: Name; readonly title: string; readonly isDisabled?: boolean }[];
  readonly current: Name;
  readonly onCurrent: (name: Name) => void;
  /** What is under the current one. */
  readonly children: ReactNode;
}

const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };

/** Several views in one place, by the pattern of the WAI-ARIA Authoring Practices: arrows go to the next one. */
export function Tabs<Name extends string>({
  label,
  tabs,
  current,
  onCurrent,
  children,
}: TabsProps<Name>): ReactNode {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const open = tabs.filter(({ isDisabled = false }) => !isDisabled);
    const at = open.findIndex(({ name }) => name === current);
    const next = open[(at + step + open.length) % open.length];
    if (next === undefined) return;
    onCurrent(next.name);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.name}"]`)?.focus();
  };
  return (
    <div className="stack">
      <div role="tablist" aria-label={label} className={styles.tabs} ref={list}>
        {tabs.map(({ name, title, isDisabled = false }) => (
          <button
            key={name}
            type="button"
            role="tab"
            data-tab={name}
            id={`${id}-${name}`}
            className={styles.tab}
            aria-selected={name === current}
            aria-controls={`${id}-panel`}
            tabIndex={name === current ? 0 : -1}
            disabled={isDisabled}
            onClick={() => onCurrent(name)}
            onKeyDown={move}
          >
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${current}`} className="stack">
        {children}
      </div>
    </div>
  );
}
