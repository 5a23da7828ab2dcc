import { Type } from 'typebox';

import { maxEndpointNameLength } from './device-summary.ts';

/** What the names in a list have in them: no longer than the longest of these, an endpoint name. */
export const containsSchema: Type.TString = Type.String({
  minLength: 1,
  maxLength: maxEndpointNameLength,
  description: 'Only those whose names have this in them, in any case of letters.',
});
