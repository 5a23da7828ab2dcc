import { runProgram } from './program/run-program.ts';
import { systemContext } from './program/system-context.ts';

// Whatever still holds the process (a connection kept alive) is not waited for.
const exitCode = await runProgram(process.argv.slice(2), systemContext());
process.exit(exitCode);
