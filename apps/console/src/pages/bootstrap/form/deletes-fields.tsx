import type { ReactNode } from 'react';

import { FormField } from '../../../components/form-field.tsx';
import { text } from '../../../text/en.ts';
import { itemsAt } from '../configuration-draft.ts';
import { useDraft } from './draft-context.ts';
import { TextMember } from './member-fields.tsx';

const { form } = text.bootstrap;
const path = 'deletes';

/** What the choices are in a draft; `these` begins with what is deleted when nothing is said. */
const choices = { usual: undefined, everything: ['/'], nothing: [], these: ['/0', '/1', '/2'] } as const;
type DeletesChoice = keyof typeof choices;

/** What is deleted at the device before anything is written. */
export function DeletesFields(): ReactNode {
  const { draft, set, problems } = useDraft();
  const paths = itemsAt(draft, path);
  const choice = choiceOf(draft[path], paths);
  const choose = (name: string): void => {
    const chosen = (['usual', 'everything', 'nothing', 'these'] as const).find((each) => each === name);
    if (chosen !== undefined) set(path, choices[chosen]);
  };
  return (
    <fieldset className="card stack">
      <legend>{form.deletes}</legend>
      <FormField label={form.deletesWhat} problem={problems.get(path)}>
        {(attributes) => (
          <select {...attributes} value={choice} onChange={({ target }) => choose(target.value)}>
            {(['usual', 'everything', 'nothing', 'these'] as const).map((each) => (
              <option key={each} value={each}>
                {form.deletesChoices[each]}
              </option>
            ))}
          </select>
        )}
      </FormField>
      {choice === 'these' && (
        <>
          {paths.map((_path, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- paths have no name but their place
            <div className="row top" key={index}>
              <TextMember path={`${path}.${index}`} label={form.deletePath(index + 1)} />
              <button
                type="button"
                className="button small beside-field"
                onClick={() => set(`${path}.${index}`, undefined)}
              >
                {form.removePath(index + 1)}
              </button>
            </div>
          ))}
          <div>
            <button type="button" className="button small" onClick={() => set(path, [...paths, '/'])}>
              {form.addPath}
            </button>
          </div>
        </>
      )}
    </fieldset>
  );
}

function choiceOf(value: unknown, paths: readonly unknown[]): DeletesChoice {
  if (value === undefined) return 'usual';
  if (paths.length === 0) return 'nothing';
  return paths.length === 1 && paths[0] === '/' ? 'everything' : 'these';
}
