import type { DesiredProblem, DesiredState } from '@dunlin/api';

/** Where a wish stands, and why: `refused 4.04: …`. */
export function stateText({
  state,
  reason,
  coapCode,
}: DesiredProblem & { readonly state: DesiredState }): string {
  const code = coapCode === undefined ? '' : ` ${coapCode}`;
  return `${state}${code}${reason === undefined ? '' : `: ${reason}`}`;
}
