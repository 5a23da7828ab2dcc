import { api } from '../../../server/api.ts';
import { text } from '../../../text/en.ts';
import { formatResource } from '../../../values/format-value.ts';
import { knownValues } from '../../../values/known-values.ts';

/** What can be done to many devices at once. */
export const bulkOperations = ['read', 'observe', 'write', 'execute', 'tag'] as const;

export interface BulkInput {
  readonly operation: (typeof bulkOperations)[number];
  readonly path: string;
  /** The value, the arguments or the tag. */
  readonly argument: string;
}

/** Does it to one device; resolves to what to tell of it. */
export async function doBulk(endpoint: string, { operation, path, argument }: BulkInput): Promise<string> {
  switch (operation) {
    case 'read': {
      const content = await api.read(endpoint, path);
      return knownValues(content, { origin: 'read', knownAt: '' })
        .map(({ resource }) => formatResource(resource))
        .join(' · ');
    }
    case 'observe': {
      const { state } = await api.observe(endpoint, path);
      return text.desired[state];
    }
    case 'write':
      // A text is read by the rules of the Resource's type.
      await api.write(endpoint, path, { raw: argument });
      return text.bulk.written;
    case 'execute':
      await api.execute(endpoint, path, argument);
      return text.bulk.executed;
    case 'tag': {
      const { tags } = await api.device(endpoint);
      await api.setTags(endpoint, [...new Set([...tags, argument])]);
      return text.bulk.tagged;
    }
  }
}
