// npm run bench [-- --json] [--check] [--only PART] …: see bench/README.md.
import { parseArgs } from 'node:util';

import { measureCodec } from './codec.ts';
import { figuresOf } from './figures.ts';
import { measureAssociations, measureRegistrations } from './memory.ts';
import { measureRates } from './rates.ts';
import { report } from './report.ts';
import { measureSearches } from './search.ts';
import { pinGenerator } from './server-process.ts';

const parts = ['codec', 'rates', 'memory', 'search'] as const;
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [...parts] },
    seconds: { type: 'string', default: '0.5' },
    rounds: { type: 'string', default: '7' },
    devices: { type: 'string', default: '100000' },
    associations: { type: 'string', default: '20000' },
  },
});
const unknown = values.only.filter((part) => !parts.some((known) => known === part));
if (unknown.length > 0) {
  console.error(`bench: --only takes ${parts.join(', ')}; not ${unknown.join(', ')}`);
  process.exit(2);
}
const isAsked = (part: (typeof parts)[number]): boolean => values.only.includes(part);

const isPinned = pinGenerator();
const codec = isAsked('codec') ? measureCodec() : [];
const rates = isAsked('rates')
  ? await measureRates({ seconds: Number(values.seconds), rounds: Number(values.rounds) })
  : [];
const memory = isAsked('memory')
  ? [
      await measureRegistrations(Number(values.devices)),
      await measureAssociations(Number(values.associations)),
    ]
  : [];
const search = isAsked('search')
  ? measureSearches({ devices: Number(values.devices), rounds: Number(values.rounds) })
  : [];
const figures = figuresOf({ rates, memory, search });
report({ isPinned, codec, rates, memory, search, figures }, values.json);
if (values.check && figures.some(({ isReached }) => !isReached)) process.exit(1);
