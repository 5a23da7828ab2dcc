import type { ReactNode } from 'react';

import { newKey } from '../../../access/new-key.ts';
import { FormField } from '../../../components/form-field.tsx';
import { text } from '../../../text/en.ts';
import { memberAt, uriUnderSecurity } from '../configuration-draft.ts';
import { useDraft, useMember } from './draft-context.ts';
import { LongTextMember, TextMember } from './member-fields.tsx';

/** What an account may say of its security; the names are those of the choices. */
const securities = {
  none: { kind: 'none' },
  'issued-psk': { kind: 'issued', proof: 'psk' },
  'issued-raw-public-key': { kind: 'issued', proof: 'raw-public-key' },
  psk: { kind: 'psk' },
  'raw-public-key': { kind: 'raw-public-key' },
  certificate: { kind: 'certificate' },
} as const;

type SecurityChoice = keyof typeof securities;

const forServers = [
  'none',
  'issued-psk',
  'issued-raw-public-key',
  'psk',
  'raw-public-key',
  'certificate',
] as const;
const forBootstrapServer = ['none', 'psk', 'raw-public-key', 'certificate'] as const;

export interface SecurityFieldsProps {
  /** Of the account: `servers.0` or `bootstrapServer`. */
  readonly account: string;
}

/** How a device and the server of an account prove themselves to each other. */
export function SecurityFields({ account }: SecurityFieldsProps): ReactNode {
  const { draft } = useDraft();
  const path = `${account}.security`;
  const choice = choiceOf(memberAt(draft, path));
  return (
    <>
      <SecurityModeField account={account} choice={choice} />
      {choice === 'psk' && (
        <div className="row top">
          <TextMember path={`${path}.identity`} label={text.bootstrap.form.identity} size={28} />
          <KeyField path={`${path}.key`} />
        </div>
      )}
      {choice === 'raw-public-key' && (
        <>
          <LongTextMember path={`${path}.publicKey`} label={text.bootstrap.form.publicKey} />
          <LongTextMember
            path={`${path}.privateKey`}
            label={text.bootstrap.form.privateKey}
            hint={text.bootstrap.form.staysHint}
          />
          <LongTextMember
            path={`${path}.serverPublicKey`}
            label={text.bootstrap.form.serverPublicKey}
            placeholder={text.bootstrap.form.ofThisServer}
          />
        </>
      )}
      {choice === 'certificate' && (
        <>
          <LongTextMember path={`${path}.certificate`} label={text.bootstrap.form.certificate} />
          <LongTextMember
            path={`${path}.privateKey`}
            label={text.bootstrap.form.privateKey}
            hint={text.bootstrap.form.staysHint}
          />
          <LongTextMember
            path={`${path}.serverCertificate`}
            label={text.bootstrap.form.serverCertificate}
            placeholder={text.bootstrap.form.ofThisServer}
          />
        </>
      )}
    </>
  );
}

function SecurityModeField({
  account,
  choice,
}: SecurityFieldsProps & { readonly choice: SecurityChoice | undefined }): ReactNode {
  const { draft, set, problems } = useDraft();
  const path = `${account}.security`;
  const choices: readonly SecurityChoice[] = account === 'bootstrapServer' ? forBootstrapServer : forServers;
  const choose = (name: string): void => {
    const chosen = choices.find((each) => each === name);
    if (chosen === undefined) return;
    set(path, securities[chosen]);
    const uri = memberAt(draft, `${account}.uri`);
    if (typeof uri === 'string') set(`${account}.uri`, uriUnderSecurity(uri, chosen !== 'none'));
  };
  return (
    <FormField
      label={text.bootstrap.form.securityMode}
      problem={problems.get(path) ?? problems.get(`${path}.kind`)}
      hint={choice === undefined ? undefined : text.bootstrap.form.securityHints[choice]}
    >
      {(attributes) => (
        <select {...attributes} value={choice ?? ''} onChange={({ target }) => choose(target.value)}>
          {choice === undefined && <option value="">{text.values.choose}</option>}
          {choices.map((each) => (
            <option key={each} value={each}>
              {text.bootstrap.form.securities[each]}
            </option>
          ))}
        </select>
      )}
    </FormField>
  );
}

/** A key that is typed or made here. It can be seen here only: nothing that the server answers has it. */
function KeyField({ path }: { readonly path: string }): ReactNode {
  const { set } = useMember(path);
  return (
    <div className="row top">
      <TextMember
        path={path}
        label={text.bootstrap.form.key}
        hint={text.bootstrap.form.staysHint}
        size={36}
      />
      <button type="button" className="button small beside-field" onClick={() => set(newKey())}>
        {text.bootstrap.form.makeKey}
      </button>
    </div>
  );
}

/** What a draft says, in one of the words of the choice. */
function choiceOf(security: unknown): SecurityChoice | undefined {
  if (security === undefined) return 'none';
  const kind = memberAt(security, 'kind');
  if (kind === 'issued') {
    return memberAt(security, 'proof') === 'raw-public-key' ? 'issued-raw-public-key' : 'issued-psk';
  }
  return forBootstrapServer.find((each) => each === kind);
}
