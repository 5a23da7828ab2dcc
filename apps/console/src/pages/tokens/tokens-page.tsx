import type { Role, TokenDocument } from '@dunlin/api';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { AddWithRole } from '../../components/add-with-role.tsx';
import { Age } from '../../components/age.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { RemoveButton } from '../../components/remove-button.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { text } from '../../text/en.ts';

const day = 86_400;

/** What programs prove themselves with. */
export function TokensPage(): ReactNode {
  const { data, error } = useQuery({
    queryKey: queryKeys.tokens,
    queryFn: ({ signal }) => api.access.tokens({ limit: 1000 }, { signal }),
  });
  const { problem, act } = useAction(queryKeys.tokens);
  return (
    <div className="stack">
      <h1>{text.pages.tokens}</h1>
      {error !== null && <Failure error={error} />}
      {problem !== undefined && <Failure error={problem} />}
      <AddToken />
      {data?.tokens.length === 0 && <p className="muted">{text.tokens.none}</p>}
      {data !== undefined && data.tokens.length > 0 && (
        <DataTable label={text.pages.tokens} columns={text.tokens.columns}>
          {data.tokens.map((token) => (
            <TokenLine
              key={token.id}
              token={token}
              onRemove={() => void act(() => api.access.removeToken(token.id))}
            />
          ))}
        </DataTable>
      )}
    </div>
  );
}

interface TokenLineProps {
  readonly token: TokenDocument;
  readonly onRemove: () => void;
}

function TokenLine({ token, onRemove }: TokenLineProps): ReactNode {
  const { name, role, createdBy, createdAt, expiresAt, usedAt } = token;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{text.roles[role]}</td>
      <td>
        {createdBy} <Age at={createdAt} />
      </td>
      <td>{usedAt === null ? text.users.never : <Age at={usedAt} />}</td>
      <td>{expiresAt === null ? text.users.never : <Age at={expiresAt} />}</td>
      <td>
        <RemoveButton name={name} explanation={text.tokens.removeExplanation} onRemove={onRemove} />
      </td>
    </tr>
  );
}

function AddToken(): ReactNode {
  const { problem, act } = useAction(queryKeys.tokens);
  const [days, setDays] = useState('90');
  const [secret, setSecret] = useState<string>();
  const add = (name: string, role: Role): Promise<boolean> =>
    act(async () => {
      const expiresIn = days === '' ? null : Number(days) * day;
      setSecret((await api.access.addToken({ name, role, expiresIn })).secret);
    });
  const { secretOnce: explanation, token: label } = text.tokens;
  const made = secret === undefined ? undefined : { explanation, line: secret, label };
  return (
    <AddWithRole label={text.tokens.add} onAdd={add} problem={problem} made={made}>
      <label className="field">
        {text.tokens.days}
        <input type="number" min="1" value={days} onChange={({ target }) => setDays(target.value)} />
      </label>
    </AddWithRole>
  );
}
