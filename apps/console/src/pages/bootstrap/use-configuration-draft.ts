import type { BootstrapDocument, BootstrapTargetDocument } from '@dunlin/api';
import { useMemo, useState } from 'react';
import { flushSync } from 'react-dom';

import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { type ConfigurationDraft, draftOf, newDraft, targetOf, withMember } from './configuration-draft.ts';
import type { DraftContext } from './form/draft-context.ts';
import { type MadeKey, saveConfiguration } from './save-configuration.ts';
import { type DraftCheck, useCheck } from './use-check.ts';

/** What became of saving. */
type SaveOutcome =
  | { readonly kind: 'saved'; readonly made: MadeKey | undefined }
  /** Something has to be put right first, and is told. */
  | { readonly kind: 'wrong' }
  /** The server did not take it. */
  | { readonly kind: 'failed' };

/** A configuration while it is edited. */
export interface EditedConfiguration {
  readonly target: BootstrapTargetDocument;
  readonly name: string;
  readonly setName: (name: string) => void;
  /** For the fields of the form. */
  readonly context: DraftContext;
  readonly setDraft: (draft: ConfigurationDraft) => void;
  readonly check: DraftCheck;
  /** True while what is typed as JSON is none: there is no form of it then. */
  readonly isUnreadable: boolean;
  readonly setUnreadable: (isUnreadable: boolean) => void;
  /** Whether the device gets a key for the Bootstrap-Server. */
  readonly makesKey: boolean;
  readonly setMakesKey: (makesKey: boolean) => void;
  readonly save: () => Promise<SaveOutcome>;
  /** Why it was not saved. */
  readonly failure: unknown;
}

/** The draft of a configuration that is kept, or of a new one. */
export function useConfigurationDraft(configuration: BootstrapDocument | undefined): EditedConfiguration {
  const { problem, act } = useAction(queryKeys.bootstrapConfigurations);
  const [refused, setRefused] = useState<ConfigurationDraft>();
  const [name, setName] = useState('');
  const [draft, setDraft] = useState(() =>
    configuration === undefined ? newDraft(location.hostname) : draftOf(configuration),
  );
  const [isUnreadable, setUnreadable] = useState(false);
  const [isTried, setTried] = useState(false);
  const [makesKey, setMakesKey] = useState(false);
  const target = useMemo(() => configuration?.target ?? targetOf(name), [configuration, name]);
  const check = useCheck(target, draft);
  const { checked, isCurrent } = check;
  const context = useMemo<DraftContext>(
    () => ({
      draft,
      set: (path, value) => setDraft((before) => withMember(before, path, value)),
      problems: new Map(checked?.problems.map(({ field, reason }) => [field, reason])),
      isTried,
    }),
    [draft, checked, isTried],
  );
  const save = async (): Promise<SaveOutcome> => {
    // What was missing is told now, before the focus goes there.
    flushSync(() => setTried(true));
    if (isUnreadable || (isCurrent && context.problems.size > 0)) return { kind: 'wrong' };
    let made: MadeKey | undefined;
    const isSaved = await act(async () => {
      made = await saveConfiguration(target, draft, makesKey);
    });
    if (isSaved) return { kind: 'saved', made };
    setRefused(draft);
    return { kind: 'failed' };
  };
  return {
    target,
    name,
    setName,
    context,
    setDraft,
    check,
    isUnreadable,
    setUnreadable,
    makesKey,
    setMakesKey,
    save,
    // What the server had against a draft says nothing of the next one.
    failure: refused === draft ? problem : undefined,
  };
}
