import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { deviceRoute } from '../../src/app/route.ts';
import { type Press, shortcutOf } from '../../src/app/shortcuts.ts';
import { paletteItems } from '../../src/palette/palette-items.ts';

const press = (key: string, change: Partial<Press> = {}): Press => ({
  key,
  isCommand: false,
  isTyping: false,
  isGoing: false,
  ...change,
});

describe('the keys that work everywhere', () => {
  it('open the palette, also while one types', () => {
    assert.deepEqual(shortcutOf(press('k', { isCommand: true, isTyping: true })), { kind: 'palette' });
    assert.deepEqual(shortcutOf(press('K', { isCommand: true })), { kind: 'palette' });
  });

  it('go to a page in two steps', () => {
    assert.deepEqual(shortcutOf(press('g')), { kind: 'going' });
    assert.deepEqual(shortcutOf(press('d', { isGoing: true })), {
      kind: 'go',
      to: { page: 'devices', filter: '' },
    });
    assert.equal(shortcutOf(press('z', { isGoing: true })), undefined);
    assert.equal(shortcutOf(press('d')), undefined);
  });

  it('are letters in a field, and left to the browser with its own modifiers', () => {
    for (const key of ['g', '/', '?']) assert.equal(shortcutOf(press(key, { isTyping: true })), undefined);
    assert.equal(shortcutOf(press('f', { isCommand: true })), undefined);
  });

  it('lead to the filter and to the help', () => {
    assert.deepEqual(shortcutOf(press('/')), { kind: 'filter' });
    assert.deepEqual(shortcutOf(press('?')), { kind: 'go', to: { page: 'help', query: '' } });
  });
});

describe('the palette', () => {
  const labels = (typed: string, devices: readonly string[] = [], hasSms = false): readonly string[] =>
    paletteItems(typed, { devices, current: deviceRoute('lamp'), hasSms }).map(({ label }) => label);

  it('leads to devices first, then to the parts of the one that is open and to pages', () => {
    assert.deepEqual(labels('mes', ['mes-1']), ['mes-1', 'lamp › Messages', 'Filter devices by mes']);
    assert.ok(labels('').includes('Overview'));
    assert.deepEqual(labels('firmw'), ['lamp › Firmware', 'Firmware', 'Filter devices by firmw']);
  });

  it('leads to short messages only at a server that has them', () => {
    assert.deepEqual(labels('short'), ['Filter devices by short']);
    assert.deepEqual(labels('short', [], true), [
      'lamp › Short messages',
      'Short messages',
      'Filter devices by short',
    ]);
  });

  it('takes what was typed for a filter if nothing else', () => {
    const [item] = paletteItems('tag:lab', { devices: [], current: { page: 'overview' }, hasSms: false });
    assert.deepEqual(item?.to, { page: 'devices', filter: 'tag:lab' });
  });
});
