import type { DeviceSummary } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { RouteLink } from '../../components/route-link.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { errorText } from '../../text/error-text.ts';
import { text } from '../../text/en.ts';

/** The tags of a device, each of which leads to the devices that have it; another one can be added. */
export function DeviceTags({ device: { endpoint, tags } }: { readonly device: DeviceSummary }): ReactNode {
  const { problem, act } = useAction(queryKeys.device(endpoint));
  const [tag, setTag] = useState('');
  const set = (changed: readonly string[]): Promise<boolean> => act(() => api.setTags(endpoint, changed));
  const add = async (): Promise<void> => {
    if (await set([...new Set([...tags, tag.trim()])])) setTag('');
  };
  return (
    <form
      className="row"
      aria-label={text.device.tags}
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      {tags.map((each) => (
        <span key={each} className="tag">
          <RouteLink to={{ page: 'devices', filter: `tag:${each}` }}>{each}</RouteLink>{' '}
          <button
            type="button"
            className="button plain small"
            aria-label={`${text.common.remove}: ${each}`}
            onClick={() => void set(tags.filter((other) => other !== each))}
          >
            ×
          </button>
        </span>
      ))}
      <input
        size={10}
        aria-label={text.device.newTag}
        placeholder={text.device.newTag}
        value={tag}
        onChange={({ target }) => setTag(target.value)}
      />
      <button type="submit" className="button small" disabled={tag.trim() === ''}>
        {text.device.addTag}
      </button>
      {problem !== undefined && <span className="bad">{errorText(problem)}</span>}
    </form>
  );
}
