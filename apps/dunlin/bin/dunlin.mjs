#!/usr/bin/env node
// Runs the program from source on a Node that can: this one, or the pinned one that `npm run setup` installs.
// It must itself run on any Node from 18 on, so it is plain JavaScript with nothing but built-in modules.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, without types to go by */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const minimumNodeMajor = 24;
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const runtime = process.platform === 'win32' ? 'node.exe' : 'node';
const pinned = fileURLToPath(new URL(`../../../node_modules/.bin/${runtime}`, import.meta.url));

// Compiled modules are kept between runs, which halves the time a command takes to start.
const cache = fileURLToPath(new URL('../../../node_modules/.cache/dunlin', import.meta.url));

const canRunSource = Number.parseInt(process.versions.node, 10) >= minimumNodeMajor;
const hasCondition = process.execArgv.includes('--conditions=dunlin:source');

if (canRunSource && hasCondition) await import(main);
else {
  const node = existsSync(pinned) ? pinned : canRunSource ? process.execPath : undefined;
  if (node === undefined) {
    console.error(
      `dunlin: needs Node ${minimumNodeMajor} or later, or what "npm run setup" installs; this is ${process.version}`,
    );
    process.exit(1);
  }
  const child = spawn(node, ['--conditions=dunlin:source', main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: cache, ...process.env },
  });
  // A terminal sends Ctrl-C to both processes; the program takes signals that come together for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`dunlin: ${node} cannot be run: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0));
  });
}
