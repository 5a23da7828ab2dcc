/** The known word that is closest to a mistyped one, when one is close enough to be meant. */
export function closestTo(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean …?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const closest = closestTo(word, known);
  return closest === undefined ? '' : `; did you mean ${closest}?`;
}

/** How many letters must be inserted, left out, exchanged or swapped with their neighbour to get from one to the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const candidates = [
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      ];
      if (from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        candidates.push((beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(Math.min(...candidates));
    }
    beforeLast = last;
    last = current;
  }
  return last.at(-1) ?? 0;
}
