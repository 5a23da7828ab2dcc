import type { Link } from './link.ts';

/**
 * The links that match all queries of a request for `/.well-known/core` (RFC 6690 §4.1): `rt=Type1`,
 * `href=/link1`; a `*` at the end of the value stands for any rest, and a value that is a list of words
 * matches by each of them. Queries without `=` are passed over.
 */
export function filterLinks(links: readonly Link[], queries: readonly string[]): readonly Link[] {
  const filters = queries.filter((query) => query.includes('='));
  return links.filter((link) => filters.every((filter) => isMatch(link, filter)));
}

function isMatch(link: Link, filter: string): boolean {
  const separator = filter.indexOf('=');
  const name = filter.slice(0, separator);
  const pattern = filter.slice(separator + 1);
  if (name === 'href') return link.target !== undefined && isValueMatch(link.target, pattern);
  return link.attributes.some(
    (attribute) => attribute.name === name && isAnyValueMatch(attribute.value ?? '', pattern),
  );
}

function isAnyValueMatch(value: string, pattern: string): boolean {
  return isValueMatch(value, pattern) || value.split(' ').some((word) => isValueMatch(word, pattern));
}

function isValueMatch(value: string, pattern: string): boolean {
  return pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern;
}
