import { createContext, useContext } from 'react';

import { type ConfigurationDraft, memberAt } from '../configuration-draft.ts';

/** The draft that a form edits. */
export interface DraftContext {
  readonly draft: ConfigurationDraft;
  /** Sets a member by its path; without a value, the member or the item of a list goes. */
  readonly set: (path: string, value: unknown) => void;
  /** What the server has against the draft, by the path of a member. */
  readonly problems: ReadonlyMap<string, string>;
  /** True as soon as it was tried to save the draft: then what is missing is told as well. */
  readonly isTried: boolean;
}

/** The draft of the form around. */
export const draftContext: React.Context<DraftContext | undefined> = createContext<DraftContext | undefined>(
  undefined,
);

export function useDraft(): DraftContext {
  const context = useContext(draftContext);
  if (context === undefined) throw new Error('there is no draft around this field');
  return context;
}

/** A member of the draft. */
export interface DraftMember {
  readonly value: unknown;
  readonly set: (value: unknown) => void;
  readonly problem: string | undefined;
}

/** The member at a path. What nobody has typed yet is no mistake until the draft is to be saved. */
export function useMember(path: string): DraftMember {
  const { draft, set, problems, isTried } = useDraft();
  const value = memberAt(draft, path);
  return {
    value,
    set: (changed) => set(path, changed),
    problem: value === undefined && !isTried ? undefined : problems.get(path),
  };
}
