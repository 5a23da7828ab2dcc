import type { ReactNode } from 'react';

import { text } from '../../../text/en.ts';
import { itemsAt, newServer } from '../configuration-draft.ts';
import { useDraft } from './draft-context.ts';
import { ChoiceMember, NumberMember, TextMember } from './member-fields.tsx';
import { SecurityFields } from './security-fields.tsx';

const { form } = text.bootstrap;

/** The accounts of servers. */
export function ServersFields(): ReactNode {
  const { draft, set, problems } = useDraft();
  const servers = itemsAt(draft, 'servers');
  const add = (): void => {
    set('servers', [...servers, newServer(location.hostname, servers)]);
    // Without rights none of several servers may do anything (1.0 §7.3).
    if (servers.length === 1 && draft['accessControl'] === undefined) set('accessControl', 'shared');
  };
  return (
    <>
      {servers.map((_server, index) => (
        // Servers have no name but their place: all that is shown of one is in the draft.
        // oxlint-disable-next-line react/no-array-index-key
        <ServerFields key={index} index={index} />
      ))}
      {problems.has('servers') && <p className="bad">{problems.get('servers')}</p>}
      <div>
        <button type="button" className="button small" onClick={add}>
          {form.addServer}
        </button>
      </div>
    </>
  );
}

function ServerFields({ index }: { readonly index: number }): ReactNode {
  const { draft, set } = useDraft();
  const account = `servers.${index}`;
  const remove = (): void => {
    set(account, undefined);
    // One alone shares with nobody, and devices without Object 2 would refuse it.
    if (itemsAt(draft, 'servers').length === 2 && draft['accessControl'] === 'shared') {
      set('accessControl', undefined);
    }
  };
  return (
    <fieldset className="card stack">
      <legend>{form.server(index + 1)}</legend>
      <div className="row top">
        <TextMember path={`${account}.uri`} label={form.uri} size={36} />
        <NumberMember path={`${account}.shortServerId`} label={form.shortServerId} />
        <NumberMember path={`${account}.lifetime`} label={form.lifetime} placeholder="86400" />
        <ChoiceMember path={`${account}.bindingMode`} label={form.binding} choices={bindings} />
      </div>
      <SecurityFields account={account} />
      <details>
        <summary>{form.more}</summary>
        <div className="row top">
          <NumberMember path={`${account}.defaultMinimumPeriod`} label={form.defaultMinimumPeriod} />
          <NumberMember path={`${account}.defaultMaximumPeriod`} label={form.defaultMaximumPeriod} />
          <NumberMember path={`${account}.disableTimeout`} label={form.disableTimeout} />
          <ChoiceMember
            path={`${account}.notificationStoring`}
            label={form.notificationStoring}
            choices={storing}
          />
          <NumberMember
            path={`${account}.securityInstanceId`}
            label={form.securityInstance}
            placeholder={form.free}
          />
          <NumberMember
            path={`${account}.serverInstanceId`}
            label={form.serverInstance}
            placeholder={form.free}
          />
        </div>
      </details>
      <div>
        <button type="button" className="button small" onClick={remove}>
          {form.removeServer(index + 1)}
        </button>
      </div>
    </fieldset>
  );
}

const bindings = [
  [undefined, form.bindings.default],
  ['U', form.bindings.U],
  ['UQ', form.bindings.UQ],
] as const;

const storing = [
  [undefined, form.storing.default],
  [true, form.storing.yes],
  [false, form.storing.no],
] as const;

/** The account of the Bootstrap-Server itself, which most configurations leave as it is. */
export function BootstrapServerFields(): ReactNode {
  const { draft, set, problems } = useDraft();
  const account = 'bootstrapServer';
  const isWritten = draft[account] !== undefined;
  return (
    <fieldset className="card stack">
      <legend>{form.bootstrapServer}</legend>
      <label className="row">
        <input
          type="checkbox"
          checked={isWritten}
          onChange={({ target }) =>
            set(
              account,
              target.checked
                ? { uri: `coap://${location.hostname}:5783`, security: { kind: 'none' } }
                : undefined,
            )
          }
        />
        {form.writeBootstrapServer}
      </label>
      {isWritten && (
        <>
          {problems.has(account) && <p className="bad">{problems.get(account)}</p>}
          <div className="row top">
            <TextMember path={`${account}.uri`} label={form.uri} size={36} />
            <NumberMember path={`${account}.clientHoldOffTime`} label={form.holdOff} />
            <NumberMember path={`${account}.accountTimeout`} label={form.accountTimeout} placeholder="0" />
            <NumberMember
              path={`${account}.securityInstanceId`}
              label={form.securityInstance}
              placeholder={form.present}
            />
          </div>
          <SecurityFields account={account} />
        </>
      )}
    </fieldset>
  );
}
