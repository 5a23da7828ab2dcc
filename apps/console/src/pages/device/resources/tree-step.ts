import type { TreeItem } from './tree-items.ts';

/** What a key does in the tree. */
export type TreeStep =
  | { readonly kind: 'move'; readonly index: number }
  | { readonly kind: 'open' | 'expand' | 'collapse'; readonly item: TreeItem };

/** What a key does at a line (WAI-ARIA APG, tree view); `undefined` for keys that do nothing there. */
export function treeStep(key: string, items: readonly TreeItem[], current: number): TreeStep | undefined {
  const item = items[current];
  if (item === undefined) return undefined;
  const to = (index: number): TreeStep => ({
    kind: 'move',
    index: Math.max(0, Math.min(items.length - 1, index)),
  });
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return to(current + 1);
    case 'ArrowUp':
    case 'k':
      return to(current - 1);
    case 'Home':
      return to(0);
    case 'End':
      return to(items.length - 1);
    case 'ArrowRight':
      return item.isExpanded === false ? { kind: 'expand', item } : to(current + 1);
    case 'ArrowLeft':
      if (item.isExpanded === true) return { kind: 'collapse', item };
      return to(items.slice(0, current).findLastIndex(({ level }) => level < item.level));
    case 'Enter':
    case ' ':
      return { kind: 'open', item };
    default:
      return undefined;
  }
}
