import type { CredentialAdded, CredentialInput } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { newKey } from '../../access/new-key.ts';
import { CopyLine } from '../../components/copy-line.tsx';
import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { text } from '../../text/en.ts';

const kinds = ['psk', 'raw-public-key', 'certificate', 'trust-anchor'] as const;
type Kind = (typeof kinds)[number];

interface Fields {
  readonly kind: Kind;
  readonly endpoint: string;
  readonly identity: string;
  readonly proof: string;
}

const emptyFields: Fields = { kind: 'psk', endpoint: '', identity: '', proof: '' };

/** Lets a device prove itself. A key can be made here, and is shown until the form is used again. */
export function AddCredential(): ReactNode {
  const { problem, act } = useAction(queryKeys.credentials);
  const [fields, setFields] = useState(emptyFields);
  const [added, setAdded] = useState<CredentialAdded & { readonly key: string | undefined }>();
  const add = (): Promise<boolean> =>
    act(async () => {
      const { kind, proof } = fields;
      const key = kind === 'psk' && proof === '' ? newKey() : undefined;
      const answer = await api.addCredential(inputOf({ ...fields, proof: key ?? proof }));
      setAdded({ ...answer, key });
      setFields({ ...emptyFields, kind });
    });
  return (
    <form
      className="card stack"
      aria-label={text.credentials.add}
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <CredentialFields fields={fields} onFields={setFields} />
      <div>
        <button type="submit" className="button primary">
          {text.credentials.add}
        </button>
      </div>
      {problem !== undefined && <Failure error={problem} />}
      {added !== undefined && <Added added={added} />}
    </form>
  );
}

interface CredentialFieldsProps {
  readonly fields: Fields;
  readonly onFields: (fields: Fields) => void;
}

function CredentialFields({ fields, onFields }: CredentialFieldsProps): ReactNode {
  const { kind, endpoint, identity, proof } = fields;
  const set = (change: Partial<Fields>): void => onFields({ ...fields, ...change });
  return (
    <>
      <div className="row">
        <label className="field">
          {text.credentials.kind}
          <select
            value={kind}
            onChange={({ target }) => set({ kind: kinds.find((each) => each === target.value) ?? 'psk' })}
          >
            {kinds.map((each) => (
              <option key={each} value={each}>
                {text.credentialKinds[each]}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          {kind === 'trust-anchor' ? text.credentials.endpointOrEvery : text.credentials.endpoint}
          <input
            required={kind !== 'trust-anchor'}
            autoComplete="off"
            value={endpoint}
            onChange={({ target }) => set({ endpoint: target.value })}
          />
        </label>
        {kind === 'psk' && (
          <label className="field">
            {text.credentials.identity}
            <input
              autoComplete="off"
              value={identity}
              onChange={({ target }) => set({ identity: target.value })}
            />
          </label>
        )}
      </div>
      <label className="field">
        {text.credentials.proofs[kind]}
        <textarea
          className="mono"
          rows={kind === 'psk' ? 1 : 4}
          autoComplete="off"
          required={kind !== 'psk'}
          value={proof}
          onChange={({ target }) => set({ proof: target.value })}
        />
      </label>
    </>
  );
}

function Added({
  added,
}: {
  readonly added: CredentialAdded & { readonly key: string | undefined };
}): ReactNode {
  const { credential, warnings, key } = added;
  return (
    <div className="notice stack" role="status">
      <p>{text.credentials.added(credential.endpoint ?? text.credentials.every)}</p>
      {warnings.map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
      {key !== undefined && (
        <>
          <p>{text.credentials.keyOnce}</p>
          <CopyLine line={key} label={text.credentials.key} />
        </>
      )}
    </div>
  );
}

function inputOf({ kind, endpoint, identity, proof }: Fields): CredentialInput {
  const material = proof.trim();
  switch (kind) {
    case 'psk':
      return {
        kind,
        endpoint,
        identity: identity === '' ? endpoint : identity,
        key: material.replaceAll(/\s/g, ''),
      };
    case 'raw-public-key':
      return { kind, endpoint, publicKey: material };
    case 'certificate':
      return { kind, endpoint, certificate: material };
    case 'trust-anchor':
      return { kind, endpoint: endpoint === '' ? null : endpoint, certificate: material };
  }
}
