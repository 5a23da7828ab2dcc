/** How the program ends, for scripts. */
export const ExitCode = {
  /** Done. */
  ok: 0,
  /** It could not run, or something failed that has no number of its own. */
  failure: 1,
  /** A flag, an argument, a setting or a value was wrong; nothing was done. */
  usage: 2,
  /** The server knows no such device, or not what was asked of it. */
  unknown: 3,
  /** The device answered, and refused. */
  refused: 4,
  /** The device did not answer in time. */
  noAnswer: 5,
  /** No server answers at the address. */
  unreachable: 6,
  /** The server wants a token, or one with more rights. */
  notAllowed: 7,
  /** Interrupted by Ctrl-C before it was done (128 + SIGINT). */
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The table of exit codes as `--help` prints it. */
export const exitCodeHelp: string = [
  'Exit codes:',
  '  0  done',
  '  1  failed to run',
  '  2  wrong flag, argument, setting or value',
  '  3  the server knows no such device, observation, operation, image or credential',
  '  4  the device refused',
  '  5  the device did not answer, or not in time',
  '  6  no server answers',
  '  7  the server wants a token, or one with more rights',
].join('\n');
