import { utf8Length } from './utf8-length.ts';

/**
 * Why a text is no endpoint name here, as the rest of a sentence, or `undefined` when it is one: any text of 1 to
 * `maxLength` bytes of UTF-8 without control characters.
 */
export function problemOfEndpointName(text: string, maxLength: number): string | undefined {
  if (text === '') return 'is empty';
  // A character has three bytes at most, so that most names need not be counted.
  if (text.length * 3 > maxLength && utf8Length(text) > maxLength) return `is longer than ${maxLength} bytes`;
  return controlCharacter.test(text) ? 'contains a control character' : undefined;
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/;
