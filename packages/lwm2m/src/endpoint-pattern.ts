/**
 * Makes of a pattern, in which `*` stands for any text and for none, a test of texts such as endpoint names. Every part
 * between stars is looked for once, from left to right, so that no pattern costs more than the length of the text for
 * each of its parts.
 */
export function endpointPattern(pattern: string): (text: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return (text) => text === pattern;
  return (text) => {
    if (!text.startsWith(first)) return false;
    let position = first.length;
    for (const part of others) {
      const found = text.indexOf(part, position);
      if (found === -1) return false;
      position = found + part.length;
    }
    return text.length - last.length >= position && text.endsWith(last);
  };
}

/** True when an endpoint name fits a pattern, see `endpointPattern`. */
export function matchesEndpointPattern(pattern: string, endpointName: string): boolean {
  return endpointPattern(pattern)(endpointName);
}
