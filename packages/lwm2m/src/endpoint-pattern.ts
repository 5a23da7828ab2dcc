/**
 * True when the name fits the pattern, in which `*` stands for any text, also for none. Every part between stars is looked for once, from left to right, so that no
 * pattern costs more than the length of the name for each of its parts.
 */
export function matchesEndpointPattern(pattern: string, endpointName: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return pattern === endpointName;
  if (!endpointName.startsWith(first)) return false;
  let position = first.length;
  for (const part of others) {
    const found = endpointName.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return endpointName.length - last.length >= position && endpointName.endsWith(last);
}
