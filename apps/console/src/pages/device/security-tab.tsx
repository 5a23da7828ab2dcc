import type { CredentialDocument, DeviceSummary } from '@dunlin/api';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Age } from '../../components/age.tsx';
import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { text } from '../../text/en.ts';

/** How a device proves who it is, and with what it may. Secrets are never shown. */
export function SecurityTab({ device }: { readonly device: DeviceSummary }): ReactNode {
  const { endpoint, security, identity, transport, address } = device;
  const { data, error } = useQuery({
    queryKey: ['credentials', endpoint],
    queryFn: ({ signal }) => api.credentials({ endpoint, limit: 100 }, { signal }),
  });
  return (
    <div className="stack">
      <dl className="facts card">
        <dt>{text.securityTab.now}</dt>
        <dd>{text.security[security]}</dd>
        {identity !== undefined && (
          <>
            <dt>{text.securityTab.identity}</dt>
            <dd className="mono">{identity}</dd>
          </>
        )}
        <dt>{text.securityTab.transport}</dt>
        <dd>
          {transport.toUpperCase()} <span className="mono">{address}</span>
        </dd>
      </dl>
      <h2>{text.securityTab.credentials}</h2>
      {error !== null && <Failure error={error} />}
      {data?.credentials.length === 0 && <p className="notice">{text.securityTab.none}</p>}
      {data?.credentials.map((credential) => (
        <Credential key={credential.id} credential={credential} />
      ))}
    </div>
  );
}

function Credential({ credential }: { readonly credential: CredentialDocument }): ReactNode {
  return (
    <dl className="facts card">
      <dt>{text.securityTab.kind}</dt>
      <dd>{text.credentialKinds[credential.kind]}</dd>
      {credential.kind === 'psk' && (
        <>
          <dt>{text.securityTab.identity}</dt>
          <dd className="mono">{credential.identity}</dd>
        </>
      )}
      {credential.kind !== 'psk' && (
        <>
          <dt>{text.securityTab.fingerprint}</dt>
          <dd className="mono">{credential.fingerprint}</dd>
        </>
      )}
      {'validUntil' in credential && (
        <>
          <dt>{text.securityTab.subject}</dt>
          <dd>{credential.subject}</dd>
          <dt>{text.securityTab.validUntil}</dt>
          <dd>
            <Age at={credential.validUntil} />
          </dd>
        </>
      )}
      <dt>{text.securityTab.since}</dt>
      <dd>
        <Age at={credential.createdAt} />
      </dd>
    </dl>
  );
}
