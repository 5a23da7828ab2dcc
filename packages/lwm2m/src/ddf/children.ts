import { DdfProblem, quoted, tagOf } from './definition-failure.ts';
import type { XmlElement } from './xml-element.ts';

/**
 * The children of an element by their names, each at most once. Throws `DdfProblem` on an element that is not
 * expected or comes twice, on one that is missing, and on text between them.
 */
export function childrenOf(
  parent: XmlElement,
  expected: { readonly required: readonly string[]; readonly optional: readonly string[] },
): ReadonlyMap<string, XmlElement> {
  const children = new Map<string, XmlElement>();
  for (const child of parent.children) {
    if (children.has(child.name)) {
      throw new DdfProblem(`a second ${tagOf(child)} in ${tagOf(parent)}, expected one`, child);
    }
    if (!expected.required.includes(child.name) && !expected.optional.includes(child.name)) {
      const names = [...expected.required, ...expected.optional].map((name) => `<${name}>`).join(', ');
      throw new DdfProblem(`${tagOf(child)} in ${tagOf(parent)}, expected one of ${names}`, child);
    }
    children.set(child.name, child);
  }
  const missing = expected.required.find((name) => !children.has(name));
  if (missing !== undefined)
    throw new DdfProblem(`${tagOf(parent)} without <${missing}>, expected one`, parent);
  if (parent.text !== '') throw new DdfProblem(`text in ${tagOf(parent)}, expected only elements`, parent);
  return children;
}

/** The text of an element that holds only text, blanks within it made one; '' when there is no such element. */
export function textOf(element: XmlElement | undefined): string {
  const inner = element?.children[0];
  if (inner !== undefined)
    throw new DdfProblem(`${tagOf(inner)} in ${tagOf(element)}, expected only text`, inner);
  return element?.text.replaceAll(/\s+/g, ' ') ?? '';
}

/** What the word in an element stands for. Throws `DdfProblem` on a word that stands for nothing. */
export function wordOf<T>(element: XmlElement | undefined, meanings: Readonly<Record<string, T>>): T {
  const word = textOf(element);
  const meaning = Object.hasOwn(meanings, word) ? meanings[word] : undefined;
  if (meaning !== undefined) return meaning;
  const words = Object.keys(meanings).map((each) => (each === '' ? 'nothing' : each));
  const reason = `${tagOf(element)} is ${quoted(word)}, expected ${words.join(', ')}`;
  throw new DdfProblem(reason, element ?? { line: 1, column: 1 });
}
