// Makes a fresh clone runnable: run before every npm script, on whatever Node (18 or later) the machine has.
// It does nothing when node_modules already matches package-lock.json.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MINIMUM_NODE_MAJOR = 24;
const root = fileURLToPath(new URL('../', import.meta.url));

function lockedPackages(path) {
  return existsSync(root + path) ? JSON.parse(readFileSync(root + path, 'utf8')).packages : undefined;
}

function isInstalled() {
  const wanted = lockedPackages('package-lock.json');
  const present = lockedPackages('node_modules/.package-lock.json');
  if (present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return true;
    if (entry.link) return existsSync(root + path);
    const installed = present[path];
    return installed === undefined ? entry.optional === true : installed.version === entry.version;
  });
}

function platformNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${platform}-${process.arch}`;
  const { version } = lockedPackages('package-lock.json')[`node_modules/${name}`];
  return `${name}@${version}`;
}

function npm(...args) {
  const cli = process.env.npm_execpath;
  const [command, first] =
    cli === undefined ? ['npm', []] : [process.env.npm_node_execpath ?? process.execPath, [cli]];
  const { status } = spawnSync(command, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}

if (!isInstalled()) {
  console.error('Installing dependencies …');
  const install = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  if (Number.parseInt(process.versions.node, 10) >= MINIMUM_NODE_MAJOR) npm(...install);
  // npm leaves out optional packages whose "engines" exclude the Node it runs on, so it must run on ours.
  else
    npm(
      'exec',
      '--yes',
      '--loglevel=error',
      `--package=${platformNode()}`,
      '--',
      'node',
      process.env.npm_execpath,
      ...install,
    );
}
