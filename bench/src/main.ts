// npm run bench [-- --json] [--seconds N] [--devices N]: rates as ratios to a bare dgram echo in the same run.
import { parseArgs } from 'node:util';

import { measureCodec } from './codec.ts';
import { measureMemory } from './memory.ts';
import { report } from './report.ts';
import { measureRates } from './rates.ts';
import { pinGenerator } from './server-process.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    devices: { type: 'string', default: '100000' },
  },
});

const isPinned = pinGenerator();
const codec = measureCodec();
const rates = await measureRates({ seconds: Number(values.seconds), rounds: Number(values.rounds) });
const memory = await measureMemory(Number(values.devices));
report({ isPinned, codec, rates, memory }, values.json);
