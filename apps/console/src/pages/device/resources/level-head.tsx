import type { DiscoverDocument } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { AskedStateText } from '../../../asking/asked-state.tsx';
import { useAsked, useAsking } from '../../../asking/use-asking.ts';
import { api } from '../../../server/api.ts';
import { useObservations } from '../../../server/use-answers.ts';
import { text } from '../../../text/en.ts';
import { AttributesForm } from './attributes-form.tsx';
import { CopyAs } from './copy-as.tsx';
import { DiscoverResult } from './discover-result.tsx';
import { levelOf } from './level.ts';

export interface LevelHeadProps {
  readonly name: string;
  readonly path: string;
  /** Called with what the device said it has. */
  readonly onDiscovered?: (links: readonly DiscoverDocument[]) => void;
  /** What else can be done at this level. */
  readonly children?: ReactNode;
}

/** The name of an Object or Object Instance, and what can be asked of it as a whole. */
export function LevelHead({ name, path, onDiscovered, children }: LevelHeadProps): ReactNode {
  const { endpoint, ask } = useAsking();
  const asked = useAsked().get(path);
  const [links, setLinks] = useState<readonly DiscoverDocument[]>();
  const [isEditing, setEditing] = useState(false);
  const isInstance = levelOf(path)?.kind === 'object-instance';
  const discover = async (): Promise<void> => {
    const found = await ask('discover', path, (terms) => api.discover(endpoint, path, terms));
    setLinks(found);
    if (found !== undefined) onDiscovered?.(found);
  };
  return (
    <div className="stack">
      <div className="row spread">
        <h2>
          {name} <span className="mono muted">{path}</span>
        </h2>
        <div className="row">
          <button
            type="button"
            className="button small primary"
            onClick={() => void ask('read', path, (terms) => api.read(endpoint, path, terms))}
          >
            {text.operations.read}
          </button>
          <ObserveButton path={path} />
          <button type="button" className="button small" onClick={() => void discover()}>
            {text.operations.discover}
          </button>
          <button type="button" className="button small" onClick={() => setEditing(!isEditing)}>
            {text.operations['write-attributes']}
          </button>
          {children}
        </div>
      </div>
      <div role="status">
        <AskedStateText asked={asked} />
      </div>
      {isEditing && <AttributesForm path={path} isNumeric={false} onDone={() => setEditing(false)} />}
      <CopyAs
        path={path}
        name={name}
        operations={isInstance ? [...operations, { name: 'delete' }] : operations}
      />
      {links !== undefined && <DiscoverResult links={links} onClose={() => setLinks(undefined)} />}
    </div>
  );
}

/** What can be asked of an Object or an Object Instance without typing anything. */
const operations = [{ name: 'read' }, { name: 'observe' }, { name: 'discover' }] as const;

export interface ObserveButtonProps {
  readonly path: string;
  /** What is observed, for those who hear the button by itself. */
  readonly label?: string;
  /** The key that presses it. */
  readonly shortcut?: string;
}

/** Observes a path, or withdraws that. */
export function ObserveButton({ path, label, shortcut }: ObserveButtonProps): ReactNode {
  const { endpoint, ask } = useAsking();
  const { data = [] } = useObservations(endpoint);
  const isObserved = data.some((observation) => observation.path === path && observation.isDesired);
  const operation = isObserved ? 'cancel-observation' : 'observe';
  const toggle = (): Promise<unknown> =>
    isObserved
      ? ask('cancel-observation', path, (terms) => api.cancelObservation(endpoint, path, terms))
      : ask('observe', path, (terms) => api.observe(endpoint, path, terms));
  return (
    <button
      type="button"
      className="button small"
      data-key={shortcut}
      aria-pressed={isObserved}
      aria-label={label === undefined ? undefined : `${text.operations[operation]}: ${label}`}
      onClick={() => void toggle()}
    >
      {text.operations[operation]}
    </button>
  );
}
