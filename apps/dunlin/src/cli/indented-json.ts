import { stringifyJson } from '@dunlin/api';

/** The JSON text of plain data as people read and edit it, integers exact: one member a line, two blanks a level. */
export function indentedJson(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (items.length === 0) return '[]';
    return `[\n${items.map((item) => inner + indentedJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return stringifyJson(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return '{}';
  const lines = members.map(
    ([name, member]) => `${inner}${stringifyJson(name)}: ${indentedJson(member, inner)}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
