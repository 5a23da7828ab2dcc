import type { CredentialDocument } from '@dunlin/api';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Age } from '../../components/age.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { RemoveButton } from '../../components/remove-button.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { text } from '../../text/en.ts';
import { AddCredential } from './add-credential.tsx';
import { ServerIdentity } from './server-identity.tsx';

/** What devices prove themselves with, and what they have to know of the server. No secret is ever shown again. */
export function CredentialsPage(): ReactNode {
  const { data, error } = useQuery({
    queryKey: queryKeys.credentials,
    queryFn: ({ signal }) => api.credentials({ limit: 1000 }, { signal }),
  });
  const { problem, act } = useAction(queryKeys.credentials);
  return (
    <div className="stack">
      <h1>{text.pages.credentials}</h1>
      {error !== null && <Failure error={error} />}
      {problem !== undefined && <Failure error={problem} />}
      <AddCredential />
      {data?.credentials.length === 0 && <p className="muted">{text.credentials.none}</p>}
      {data !== undefined && data.credentials.length > 0 && (
        <DataTable label={text.pages.credentials} columns={text.credentials.columns}>
          {data.credentials.map((credential) => (
            <CredentialLine
              key={credential.id}
              credential={credential}
              onRemove={() => void act(() => api.removeCredential(credential.id))}
            />
          ))}
        </DataTable>
      )}
      {typeof data?.next === 'string' && <p className="muted">{text.credentials.more}</p>}
      <ServerIdentity />
    </div>
  );
}

interface CredentialLineProps {
  readonly credential: CredentialDocument;
  readonly onRemove: () => void;
}

function CredentialLine({ credential, onRemove }: CredentialLineProps): ReactNode {
  const { endpoint, kind, createdAt } = credential;
  return (
    <tr>
      <th scope="row">{endpoint ?? text.credentials.every}</th>
      <td>{text.credentialKinds[kind]}</td>
      <td className="mono">{kind === 'psk' ? credential.identity : credential.fingerprint.slice(0, 24)}</td>
      <td>
        {'validUntil' in credential && (
          <>
            {credential.subject} <Age at={credential.validUntil} />
          </>
        )}
      </td>
      <td>
        <Age at={createdAt} />
      </td>
      <td>
        <RemoveButton
          name={endpoint ?? text.credentials.every}
          explanation={text.credentials.removeExplanation}
          onRemove={onRemove}
        />
      </td>
    </tr>
  );
}
