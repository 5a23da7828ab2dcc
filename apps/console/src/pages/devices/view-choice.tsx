import { type ReactNode, useState } from 'react';

import { RouteLink } from '../../components/route-link.tsx';
import { text } from '../../text/en.ts';
import styles from './devices-page.module.css';
import { keepViews, type SavedView, storedViews, withView } from './saved-views.ts';

/** Filters that have a name in this browser, and a name for the one that is shown. */
export function ViewChoice({ filter }: { readonly filter: string }): ReactNode {
  const [views, setViews] = useState(() => storedViews(localStorage));
  const [name, setName] = useState('');
  const change = (changed: readonly SavedView[]): void => {
    setViews(changed);
    keepViews(localStorage, changed);
  };
  const added = withView(views, { name, filter });
  const { views: title, noViews, saveView, viewName, removeView } = text.devices;
  return (
    <details className={styles.menu}>
      <summary className="button">{title}</summary>
      <div className={styles.panel}>
        {views.length === 0 && <p className="muted">{noViews}</p>}
        <ul>
          {views.map((view) => (
            <li key={view.name} className="row spread">
              <RouteLink to={{ page: 'devices', filter: view.filter }} isCurrent={view.filter === filter}>
                {view.name}
              </RouteLink>
              <button
                type="button"
                className="button small"
                aria-label={removeView(view.name)}
                onClick={() => change(views.filter((each) => each !== view))}
              >
                {text.common.remove}
              </button>
            </li>
          ))}
        </ul>
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            if (added === undefined) return;
            change(added);
            setName('');
          }}
        >
          <input
            aria-label={viewName}
            placeholder={viewName}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          <button type="submit" className="button" disabled={filter === '' || added === undefined}>
            {saveView}
          </button>
        </form>
      </div>
    </details>
  );
}
