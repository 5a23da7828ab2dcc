import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

/** The modules that importing a module loads, with the packages it names. */
function loadedWith(entry: URL, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(entry.href)) return seen;
  seen.add(entry.href);
  const source = readFileSync(entry, 'utf8');
  for (const [statement, specifier = ''] of source.matchAll(
    /^(?:import|export|\}) [^;]*?from '([^']+)';$/gm,
  )) {
    if (/^(?:import|export) type /.test(statement)) continue;
    if (specifier.startsWith('.')) loadedWith(new URL(specifier, entry), seen);
    else seen.add(specifier);
  }
  return seen;
}

describe('importing the package', () => {
  const loaded = [...loadedWith(new URL('../src/index.ts', import.meta.url))];

  test('does not load the XML parser, which only reading a DDF file needs (decision 0002)', () => {
    assert.ok(loaded.some((module) => module.endsWith('/src/define-object.ts')));
    assert.ok(loaded.includes('@dunlin/base'));
    assert.equal(loaded.includes('saxes'), false);
  });

  test('does not load the table of registered Objects', () => {
    assert.deepEqual(
      loaded.filter((module) => module.includes('/registered-objects/') && module.endsWith('-objects.ts')),
      [],
    );
  });
});
