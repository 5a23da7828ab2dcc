import type { DeviceObject, KnownValueDocument } from '@dunlin/api';
import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react';

import { deviceRoute } from '../../../app/route.ts';
import { go } from '../../../app/use-route.ts';
import { Icon } from '../../../components/icon.tsx';
import { text } from '../../../text/en.ts';
import styles from './object-tree.module.css';
import { type TreeItem, treeItems } from './tree-items.ts';
import { treeStep } from './tree-step.ts';

export interface ObjectTreeProps {
  readonly endpoint: string;
  readonly objects: readonly DeviceObject[];
  readonly values: readonly KnownValueDocument[];
  readonly selected: string;
}

/** The Objects of a device and their instances, and a field that looks for one of them. */
export function ObjectTree({ endpoint, objects, values, selected }: ObjectTreeProps): ReactNode {
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(
    () => new Set(objects.map(({ id }) => `/${id}`)),
  );
  const [search, setSearch] = useState('');
  const toggle = ({ path }: TreeItem, isExpanded: boolean): void => {
    const changed = new Set(expanded);
    if (isExpanded) changed.add(path);
    else changed.delete(path);
    setExpanded(changed);
  };
  return (
    <div className={styles.panel}>
      <input
        type="search"
        aria-label={text.resources.search}
        placeholder={text.resources.search}
        value={search}
        onChange={({ target }) => setSearch(target.value)}
      />
      <Tree
        items={treeItems(objects, { values, expanded, search })}
        selected={selected}
        onToggle={toggle}
        onOpen={({ path }) => go(deviceRoute(endpoint, 'resources', path))}
      />
    </div>
  );
}

interface TreeProps {
  readonly items: readonly TreeItem[];
  readonly selected: string;
  readonly onToggle: (item: TreeItem, isExpanded: boolean) => void;
  readonly onOpen: (item: TreeItem) => void;
}

/** Lines that are gone through by the arrows (WAI-ARIA APG, tree view). */
function Tree({ items, selected, onToggle, onOpen }: TreeProps): ReactNode {
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const hasFocus = useRef(false);
  const current = Math.min(active, Math.max(0, items.length - 1));
  useLayoutEffect(() => {
    if (hasFocus.current) list.current?.querySelectorAll<HTMLElement>('[role=treeitem]')[current]?.focus();
  }, [current]);
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = treeStep(event.key, items, current);
    if (step === undefined) return;
    event.preventDefault();
    if (step.kind === 'move') setActive(step.index);
    else if (step.kind === 'open') onOpen(step.item);
    else onToggle(step.item, step.kind === 'expand');
  };
  return (
    <ul
      role="tree"
      aria-label={text.resources.tree}
      ref={list}
      tabIndex={-1}
      className={styles.tree}
      onKeyDown={press}
      onFocus={() => (hasFocus.current = true)}
      onBlur={() => (hasFocus.current = false)}
    >
      {items.map((item, index) => (
        // Keys are taken by the tree, for all its lines.
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
        <li
          key={item.path}
          role="treeitem"
          aria-level={item.level}
          aria-expanded={item.isExpanded}
          aria-selected={isSelected(item, selected)}
          tabIndex={index === current ? 0 : -1}
          className={styles.item}
          data-level={item.level}
          onFocus={() => setActive(index)}
          onClick={() => onOpen(item)}
        >
          <Expander item={item} onToggle={onToggle} />
          <span>{item.label}</span>
          <span className="muted mono">{item.path}</span>
        </li>
      ))}
    </ul>
  );
}

/** Of a Resource, its Object Instance is the line. */
function isSelected({ path, level }: TreeItem, selected: string): boolean {
  return selected === path || (level === 2 && selected.startsWith(`${path}/`));
}

interface ExpanderProps {
  readonly item: TreeItem;
  readonly onToggle: (item: TreeItem, isExpanded: boolean) => void;
}

/** For the mouse; keys open and close by the arrows. */
function Expander({ item, onToggle }: ExpanderProps): ReactNode {
  if (item.isExpanded === undefined) return <span className={styles.expander} />;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <span
      aria-hidden="true"
      className={styles.expander}
      data-expanded={item.isExpanded}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(item, item.isExpanded === false);
      }}
    >
      <Icon name="chevron" />
    </span>
  );
}
