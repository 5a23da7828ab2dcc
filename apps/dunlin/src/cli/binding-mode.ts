import { type BindingMode, parseBindingMode } from '@dunlin/lwm2m';
import { InvalidArgumentError } from 'commander';

/** A binding mode, such as `UQS`. */
export function bindingFrom(text: string): BindingMode {
  const mode = parseBindingMode(text);
  if (mode !== undefined) return mode;
  throw new InvalidArgumentError('It is one of U, UQ, S, SQ, US and UQS.');
}
