/** What a condition may begin with, and what some of them may go on with (see the interface's filter). */
const conditions: readonly (readonly [string, readonly string[]])[] = [
  ['state:', ['online', 'asleep', 'offline', 'any']],
  ['security:', ['none', 'psk', 'raw-public-key', 'certificate']],
  ['binding:', ['U', 'UQ', 'S', 'SQ']],
  ['endpoint:', []],
  ['model:', []],
  ['manufacturer:', []],
  ['fw:', []],
  ['fw<', []],
  ['tag:', []],
  ['has:/', ['3303', '5', '6']],
  ['seen<', ['1h', '1d']],
  ['seen>', ['1h', '1d']],
  ['expires<', ['5m']],
  ['queued>', ['0']],
  ['version:', ['1.0', '1.1']],
];

/** Whole filters that what was typed may become: its last condition completed. */
export function filterCompletions(filter: string): readonly string[] {
  const [, before = '', minus = '', last = ''] = /^(.*?\s|)(-?)(\S*)$/s.exec(filter) ?? [];
  const completed = conditions.flatMap(([condition, values]) => {
    if (condition.startsWith(last) && condition !== last) return [condition];
    return values
      .map((value) => condition + value)
      .filter((whole) => whole.startsWith(last) && whole !== last);
  });
  return completed.map((whole) => `${before}${minus}${whole}`);
}
