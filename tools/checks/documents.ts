// Follows every relative link of the Markdown files, and in docs/conformance also every named test: a row
// `[file](path) "name of a test"` must name a test that stands in that file.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { posix } from 'node:path';

import { conclude, repositoryFiles, root } from './repository.ts';

const problems: string[] = [];

for (const file of repositoryFiles('.md')) {
  if (!existsSync(root + file)) continue;
  const text = readFileSync(root + file, 'utf8');
  for (const [, target = ''] of text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g))
    checkLink(file, target);
  if (file.startsWith('docs/conformance/')) checkTests(file, text);
}
conclude('documents', problems);

function checkLink(file: string, target: string): void {
  if (/^[a-z][a-z0-9+.-]*:/.test(target)) return;
  const [path = '', anchor] = target.split('#');
  const resolved = path === '' ? file : posix.join(posix.dirname(file), decodeURIComponent(path));
  if (!existsSync(root + resolved)) {
    problems.push(`${file}: ${target} leads nowhere`);
    return;
  }
  if (anchor === undefined || statSync(root + resolved).isDirectory() || !resolved.endsWith('.md')) return;
  const anchors = new Set(
    [...readFileSync(root + resolved, 'utf8').matchAll(/^#+\s+(.*)$/gm)].map(([, heading = '']) =>
      slug(heading),
    ),
  );
  if (!anchors.has(anchor)) problems.push(`${file}: ${target} names a heading that is not there`);
}

function checkTests(file: string, text: string): void {
  for (const [index, line] of text.split('\n').entries()) {
    const where = `${file}:${index + 1}`;
    if (/\|\s*pending\b/i.test(line))
      problems.push(`${where}: a requirement is still without a test or a reason`);
    for (const [, target = '', names = ''] of line.matchAll(
      /\]\(([^)]+\.test\.ts)\)((?:[,;\s]*"[^"]+")+)/g,
    )) {
      const path = root + posix.join(posix.dirname(file), target);
      if (!existsSync(path)) continue; // Reported as a dangling link.
      const source = unescapeQuotes(readFileSync(path, 'utf8'));
      for (const [, name = ''] of names.matchAll(/"([^"]+)"/g)) {
        if (!source.includes(name)) problems.push(`${where}: no test "${name}" in ${target}`);
      }
    }
  }
}

function unescapeQuotes(source: string): string {
  return source.replaceAll(/\\(['"`])/g, '$1');
}

function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[`*]/g, '')
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}
