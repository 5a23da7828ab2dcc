// Gives every property in this process the same examples at each run: the gate tells of what was changed, not of luck.
// Without it, as in `npm run test:unit`, properties look further each time.
import fc from 'fast-check';

fc.configureGlobal({ seed: 1 });
