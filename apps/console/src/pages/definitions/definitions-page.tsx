import type { DefinitionSummary } from '@dunlin/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue, useState } from 'react';

import { go } from '../../app/use-route.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { MoreButton } from '../../components/more-button.tsx';
import { SearchedHeading } from '../../components/searched-heading.tsx';
import { RemoveButton } from '../../components/remove-button.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { text } from '../../text/en.ts';
import { DefinitionDialog } from './definition-dialog.tsx';
import { UploadDefinition } from './upload-definition.tsx';

/** The definitions of Objects that the server knows, and those that operators add. */
export function DefinitionsPage({ search }: { readonly search: string }): ReactNode {
  const wanted = useDeferredValue(search.trim());
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [...queryKeys.definitions, wanted],
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) => {
      const query = {
        ...(wanted === '' ? {} : { search: wanted }),
        ...(pageParam === '' ? {} : { after: pageParam }),
      };
      return api.definitions.list(query, { signal });
    },
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const { problem, act } = useAction(queryKeys.definitions);
  const [opened, setOpened] = useState<DefinitionSummary>();
  const definitions = data?.pages.flatMap((page) => page.definitions) ?? [];
  return (
    <div className="stack">
      <SearchedHeading
        title={text.pages.definitions}
        label={text.definitions.search}
        search={search}
        onSearch={(query) => go({ page: 'definitions', query }, { replace: true })}
      />
      <UploadDefinition />
      {error !== null && <Failure error={error} />}
      {problem !== undefined && <Failure error={problem} />}
      <DataTable label={text.pages.definitions} columns={text.definitions.columns}>
        {definitions.map((definition) => (
          <DefinitionLine
            key={`${definition.id} ${definition.version}`}
            definition={definition}
            onOpen={() => setOpened(definition)}
            onRemove={() => void act(() => api.definitions.remove(definition.id, definition.version))}
          />
        ))}
      </DataTable>
      <MoreButton isThere={hasNextPage} onMore={fetchNextPage} />
      {opened !== undefined && <DefinitionDialog {...opened} onClose={() => setOpened(undefined)} />}
    </div>
  );
}

interface DefinitionLineProps {
  readonly definition: DefinitionSummary;
  readonly onOpen: () => void;
  readonly onRemove: () => void;
}

function DefinitionLine({ definition, onOpen, onRemove }: DefinitionLineProps): ReactNode {
  const { id, name, version, source } = definition;
  return (
    <tr>
      <td className="number">{id}</td>
      <th scope="row">
        <button type="button" className="button plain small" onClick={onOpen}>
          {name}
        </button>
      </th>
      <td>{version}</td>
      <td>{text.definitions.sources[source]}</td>
      <td>
        {source === 'uploaded' && (
          <RemoveButton name={name} explanation={text.definitions.removeExplanation} onRemove={onRemove} />
        )}
      </td>
    </tr>
  );
}
