/** The numeric order of paths such as `/3/0/10`, for sorting. */
export function comparePaths(left: string, right: string): number {
  const lefts = left.split('/').map(Number);
  const rights = right.split('/').map(Number);
  for (const [index, id] of lefts.entries()) {
    const other = rights[index];
    if (other === undefined) return 1;
    if (id !== other) return id - other;
  }
  return lefts.length - rights.length;
}
