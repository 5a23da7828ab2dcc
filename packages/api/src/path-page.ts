import { Type } from 'typebox';

import { containsSchema } from './contains.ts';
import { type Schema, schemaOf } from './schema.ts';

/** Which part of a list of one device that is in the numeric order of paths. */
export interface PathPageQuery {
  /** Only those with this in their path or name, in any case of letters. */
  readonly contains?: string;
  /** Begin after this path. */
  readonly after?: string;
  /** Entries a page: 1 to 1000. Default 1000: what one device has comes whole where nobody asks for less. */
  readonly limit?: number;
}

export const PathPageQuerySchema: Schema<PathPageQuery> = schemaOf<PathPageQuery>()(
  Type.Object(
    {
      contains: Type.Optional(containsSchema),
      after: Type.Optional(
        Type.String({
          pattern: '^/[0-9/]{0,30}$',
          description: 'The next of the page before, which is a path: /3303/0/5700.',
        }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 })),
    },
    { additionalProperties: false },
  ),
);

/** The schema of where such a list goes on. */
export const nextPathSchema: Schema<string | null> = Type.Unsafe<string | null>(
  Type.Union([Type.String(), Type.Null()], {
    description: 'What to give as after for the rest; null at the end.',
  }),
);
