import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { importedModules } from '../../checks/imported-modules.ts';

describe('the modules that a file imports', () => {
  for (const [name, source, modules] of [
    ['by name', `import { a } from './a.ts';\nimport type { B } from "b";`, ['./a.ts', 'b']],
    ['over several lines', `import {\n  a,\n  type B,\n} from './a.ts';`, ['./a.ts']],
    ['for what it does', `import './a.css';`, ['./a.css']],
    ['and hands on', `export { a } from './a.ts';\nexport * from './b.ts';`, ['./a.ts', './b.ts']],
    ['when it is needed', `const { a } = await import('./a.ts');`, ['./a.ts']],
    ['as a type', `let a: import('./a.ts').A;`, ['./a.ts']],
    ['behind a template', 'const a = `${{ b: `${c}` }.b} text`;\nawait import("./a.ts");', ['./a.ts']],
    ['behind what is no text', `const a = b.match(/'/);\nimport('./a.ts');`, ['./a.ts']],
  ] as const) {
    it(`are found: ${name}`, () => {
      assert.deepEqual(importedModules(source), modules);
    });
  }

  for (const [name, source] of [
    ['a text', `const text = "what came from'there'";`],
    ['the end of a text', `const text = 'taken from';\nconst other = 'here';`],
    ['a template', "const text = `${a} comes from 'there', ${b}\nimport 'x' from 'y'`;"],
    ['a comment', `// import { a } from './a.ts';\n/* import('./b.ts') */`],
    ['a variable of that name', `const from = 'there';\nsay(from, 'here');`],
  ] as const) {
    it(`are not those that are named in ${name}`, () => {
      assert.deepEqual(importedModules(source), []);
    });
  }
});
