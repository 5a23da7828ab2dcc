import { runStart } from './program/run-start.ts';
import { systemContext } from './program/system-context.ts';

// `npm start`: the server and one simulated device.
const exitCode = await runStart(process.argv.slice(2), systemContext());
process.exit(exitCode);
