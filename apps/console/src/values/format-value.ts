import type { ResourceDocument, ValueDocument } from '@dunlin/api';
import { base64Decode, hexEncode } from '@dunlin/base';

type DataType = ResourceDocument['type'];

/** Characters of a value that are shown in a table. */
const longest = 120;

/** A value for people, without its unit. */
export function formatValue(value: ValueDocument, type: DataType): string {
  if (type === 'time') return formatTime(value);
  if (type === 'opaque') return formatOpaque(String(value));
  return String(value);
}

/** The value or values of a Resource in one line. */
export function formatResource(resource: ResourceDocument): string {
  if ('value' in resource) return shortened(formatValue(resource.value, resource.type));
  const values = Object.entries(resource.values);
  if (values.length === 0) return '—';
  return shortened(values.map(([id, value]) => `${id}: ${formatValue(value, resource.type)}`).join(' · '));
}

/** A number of a chart: whole numbers as they are, means and measurements as far as they mean something. */
export function formatNumber(value: number): string {
  const shown = Number.isInteger(value) ? value : Number(value.toPrecision(7));
  return shown.toLocaleString(undefined, { maximumFractionDigits: 20 });
}

/** What one would type to write the value as it is. */
export function editableValue(value: ValueDocument, type: DataType): string {
  return type === 'opaque' ? hexOf(String(value)) : String(value);
}

function formatTime(value: ValueDocument): string {
  const date = new Date(Number(value) * 1000);
  return Number.isNaN(date.getTime()) ? String(value) : date.toLocaleString();
}

function formatOpaque(base64: string): string {
  const hex = hexOf(base64);
  return hex === '' ? '(empty)' : `${hex} (${hex.length / 2} bytes)`;
}

function hexOf(base64: string): string {
  const bytes = base64Decode(base64);
  return bytes === undefined ? base64 : hexEncode(bytes);
}

function shortened(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)} …` : text;
}
