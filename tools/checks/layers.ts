// Holds the arrows of docs/architecture.md: a package imports only what it declares, and declares only what lies
// below it; its TypeScript references say the same as its dependencies.
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

import { importedModules } from './imported-modules.ts';
import { conclude, repositoryFiles, root } from './repository.ts';

/** The layer of every workspace; only lower layers may be imported, and none from the own layer. */
const layers: Readonly<Record<string, number>> = {
  '@dunlin/base': 1,
  '@dunlin/coap': 2,
  '@dunlin/dtls': 2,
  '@dunlin/sms': 2,
  '@dunlin/lwm2m': 3,
  '@dunlin/client': 4,
  '@dunlin/server': 4,
  '@dunlin/bootstrap': 4,
  '@dunlin/api': 4,
  '@dunlin/node': 5,
  '@dunlin/console': 5,
  dunlin: 6,
};

/** The console talks to a server as any program does: of our packages it may know only these. */
const allowedToConsole: ReadonlySet<string> = new Set(['@dunlin/api', '@dunlin/base']);

/** What this check reads of a `package.json`. */
interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const problems: string[] = [];
const manifests = repositoryFiles('package.json').filter((file) => /^(packages|apps)\//.test(file));

for (const manifestFile of manifests) {
  const folder = posix.dirname(manifestFile);
  const manifest: Manifest = JSON.parse(readFileSync(root + manifestFile, 'utf8')) as Manifest;
  const layer = layers[manifest.name];
  if (layer === undefined) {
    problems.push(`${manifestFile}: ${manifest.name} has no layer in tools/checks/layers.ts`);
    continue;
  }
  const declared = Object.keys(manifest.dependencies ?? {});
  checkDirections(manifestFile, manifest.name, declared);
  checkReferences(folder, declared);
  for (const file of repositoryFiles('.ts', '.tsx').filter((path) => path.startsWith(`${folder}/src/`))) {
    checkImports(file, folder, manifest.name, declared);
  }
}
conclude('layers', problems);

function checkDirections(manifestFile: string, own: string, declared: readonly string[]): void {
  for (const name of declared) {
    const other = layers[name];
    if (other !== undefined && other >= (layers[own] ?? 0))
      problems.push(`${manifestFile}: ${name} does not lie below it`);
    if (other !== undefined && own === '@dunlin/console' && !allowedToConsole.has(name))
      problems.push(`${manifestFile}: the console may not know ${name}`);
  }
}

function checkReferences(folder: string, declared: readonly string[]): void {
  const config = JSON.parse(readFileSync(`${root}${folder}/tsconfig.json`, 'utf8')) as {
    readonly references?: readonly { readonly path: string }[];
  };
  const referenced = (config.references ?? []).map(({ path }) => {
    const manifest = JSON.parse(
      readFileSync(`${root}${posix.join(folder, path)}/package.json`, 'utf8'),
    ) as Manifest;
    return manifest.name;
  });
  const ours = declared.filter((name) => name in layers);
  for (const name of ours)
    if (!referenced.includes(name)) problems.push(`${folder}/tsconfig.json: does not refer to ${name}`);
  for (const name of referenced)
    if (!ours.includes(name))
      problems.push(`${folder}/tsconfig.json: refers to ${name}, which is no dependency`);
}

function checkImports(file: string, folder: string, own: string, declared: readonly string[]): void {
  if (!existsSync(root + file)) return;
  const source = readFileSync(root + file, 'utf8');
  for (const specifier of importedModules(source)) {
    if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(file), specifier);
      const isOwnManifest = target === `${folder}/package.json`;
      if (!isOwnManifest && !target.startsWith(`${folder}/src/`))
        problems.push(`${file}: ${specifier} leaves the package`);
      continue;
    }
    if (specifier.startsWith('node:')) continue;
    const name = specifier.startsWith('@')
      ? specifier.split('/').slice(0, 2).join('/')
      : specifier.split('/')[0];
    if (name === own) problems.push(`${file}: imports its own package by name`);
    else if (name !== undefined && !declared.includes(name))
      problems.push(`${file}: ${name} is not declared`);
  }
}
