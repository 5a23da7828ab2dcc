import { useEffect, useRef } from 'react';

import { shortcutOf } from './shortcuts.ts';
import { go } from './use-route.ts';

/** Milliseconds in which the second key of two has to come. */
const goingTime = 1500;

/** Follows the keys that work everywhere. */
export function useShortcuts(openPalette: () => void): void {
  const goingUntil = useRef(0);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.altKey || event.defaultPrevented) return;
      const { key, target } = event;
      const isCommand = event.ctrlKey || event.metaKey;
      const isGoing = event.timeStamp < goingUntil.current;
      const shortcut = shortcutOf({ key, isCommand, isTyping: isField(target), isGoing });
      goingUntil.current = 0;
      if (shortcut === undefined) return;
      event.preventDefault();
      if (shortcut.kind === 'palette') openPalette();
      else if (shortcut.kind === 'going') goingUntil.current = event.timeStamp + goingTime;
      else if (shortcut.kind === 'go') go(shortcut.to);
      else document.querySelector<HTMLElement>('[data-shortcut="/"]')?.focus();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [openPalette]);
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  );
}
