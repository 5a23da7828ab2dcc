/** States that devices have which are not registered any more, and what stands for them in a filter. */
const goneStates = new Set(['offline', 'lapsed', 'any']);

/** Whether devices fit a filter that are not registered any more: its conditions of the state say so, as at the server. */
export function includesGone(filter: string): boolean {
  const conditions = [...filter.matchAll(/(?:^|\s)(-?)state[:=](\S*)/gi)];
  if (conditions.length === 0) return false;
  return conditions.every(([, minus, values = '']) => {
    const isNamed = values
      .toLowerCase()
      .split(',')
      .some((value) => goneStates.has(value.replaceAll('"', '')));
    return minus === '-' ? !isNamed : isNamed;
  });
}
