import type { ReactNode } from 'react';

import { text } from '../../../text/en.ts';
import { AccessFields } from './access-fields.tsx';
import { DeletesFields } from './deletes-fields.tsx';
import { ChoiceMember, FlagMember } from './member-fields.tsx';
import { BootstrapServerFields, ServersFields } from './server-fields.tsx';
import { WritesFields } from './writes-fields.tsx';

const { form } = text.bootstrap;

/** All that a configuration may have, as fields of the draft around. */
export function ConfigurationForm(): ReactNode {
  return (
    <>
      <ServersFields />
      <AccessFields />
      <DeletesFields />
      <WritesFields />
      <BootstrapServerFields />
      <fieldset className="card stack">
        <legend>{form.how}</legend>
        <div className="row top">
          <ChoiceMember path="writeLevel" label={form.writeLevel} choices={writeLevels} />
          <ChoiceMember path="format" label={form.format} choices={formats} />
          <FlagMember path="verify" label={form.verify} />
          <FlagMember path="allowKeysWithoutSecurity" label={form.allowKeysWithoutSecurity} />
        </div>
      </fieldset>
    </>
  );
}

const writeLevels = [
  [undefined, form.writeLevels.default],
  ['object', form.writeLevels.object],
  ['object-instance', form.writeLevels['object-instance']],
  ['resource', form.writeLevels.resource],
] as const;

const formats = [
  [undefined, form.formats.default],
  ['tlv', form.formats.tlv],
  ['json', form.formats.json],
] as const;
