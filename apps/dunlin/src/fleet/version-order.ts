/**
 * Negative when version `one` is older than `other`, positive when it is newer: runs of digits by their value, all else by
 * the text (`2.10` after `2.9`). A part that is missing comes before one that is there, but after a word, so that
 * `2.1-rc1` is older than `2.1`.
 */
export function compareVersions(one: string, other: string): number {
  const left = partsOf(one);
  const right = partsOf(other);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = comparePart(left[index], right[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function partsOf(version: string): readonly string[] {
  return (
    version
      .toLowerCase()
      .replace(/^v(?=\d)/, '')
      .match(/\d+|[a-z]+/g) ?? []
  );
}

function comparePart(one: string | undefined, other: string | undefined): number {
  if (one === other) return 0;
  if (one === undefined) return isNumber(other) ? -1 : 1;
  if (other === undefined) return isNumber(one) ? 1 : -1;
  if (isNumber(one) && isNumber(other)) {
    const [left, right] = [one.replace(/^0+/, ''), other.replace(/^0+/, '')];
    if (left.length !== right.length) return left.length - right.length;
    return left === right ? 0 : left < right ? -1 : 1;
  }
  if (isNumber(one) !== isNumber(other)) return isNumber(one) ? 1 : -1;
  return one < other ? -1 : 1;
}

function isNumber(part: string | undefined): boolean {
  return part !== undefined && /^\d/.test(part);
}
