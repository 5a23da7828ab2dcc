import type { Seconds } from '@dunlin/base';
import { type BindingMode, formatUpdateQuery } from '@dunlin/lwm2m';

/** What a Server is told of the device, and told again when it changes. */
export interface RegistrationFacts {
  /** `/1/x/1`. */
  readonly lifetime: Seconds;
  /** `/1/x/7`. */
  readonly bindingMode: BindingMode;
  /** Our own number; absent where the binding mode has no S. */
  readonly smsNumber?: string | undefined;
  /** The object list, as the payload of Register. */
  readonly links: string;
}

/** What an Update says: only what is not as told; the object list is complete when it is there at all. */
export interface UpdateContent {
  readonly query: readonly string[];
  readonly links: string | undefined;
}

/** The difference between what a Server was told and what is; nothing when it is the same. */
export function updateContent(told: RegistrationFacts, current: RegistrationFacts): UpdateContent {
  return {
    query: formatUpdateQuery({
      ...(told.lifetime !== current.lifetime && { lifetime: current.lifetime }),
      ...(told.bindingMode !== current.bindingMode && { bindingMode: current.bindingMode }),
      ...(told.smsNumber !== current.smsNumber && { smsNumber: current.smsNumber }),
    }),
    links: told.links === current.links ? undefined : current.links,
  };
}

/** True when a Server knows all there is to know. */
export function isUpToDate(told: RegistrationFacts, current: RegistrationFacts): boolean {
  const { query, links } = updateContent(told, current);
  return query.length === 0 && links === undefined;
}

/** What an Update says, for people. */
export function namesOf({
  query,
  links,
}: UpdateContent): readonly ('lifetime' | 'binding' | 'number' | 'objects')[] {
  return [
    ...(query.some((argument) => argument.startsWith('lt=')) ? (['lifetime'] as const) : []),
    ...(query.some((argument) => argument.startsWith('b=')) ? (['binding'] as const) : []),
    ...(query.some((argument) => argument.startsWith('sms=')) ? (['number'] as const) : []),
    ...(links === undefined ? [] : (['objects'] as const)),
  ];
}
