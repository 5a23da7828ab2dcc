import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { CopyLine } from '../../components/copy-line.tsx';
import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { text } from '../../text/en.ts';

/** What devices have to know of the server to trust it. */
export function ServerIdentity(): ReactNode {
  const { data, error } = useQuery({
    queryKey: ['server identity'],
    queryFn: ({ signal }) => api.serverIdentity({ signal }),
  });
  if (error !== null) return <Failure error={error} />;
  if (data === undefined) return null;
  return (
    <section className="card stack">
      <h2>{text.credentials.server}</h2>
      <p className="mono">{data.coaps.join(', ')}</p>
      <h3>{text.credentials.publicKey}</h3>
      <CopyLine line={data.publicKey} label={text.credentials.publicKey} />
      <p className="mono muted">{data.publicKeyFingerprint}</p>
      {data.certificate !== null && (
        <>
          <h3>{text.credentials.certificate}</h3>
          <CopyLine line={data.certificate.certificate} label={text.credentials.certificate} />
        </>
      )}
    </section>
  );
}
