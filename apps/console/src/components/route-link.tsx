import type { MouseEvent, ReactNode } from 'react';

import { formatRoute, type Route } from '../app/route.ts';
import { go } from '../app/use-route.ts';

export interface RouteLinkProps {
  readonly to: Route;
  readonly className?: string | undefined;
  readonly isCurrent?: boolean;
  readonly tabIndex?: number;
  readonly children: ReactNode;
}

/** A link within the console: a real one, so that it can be copied and opened elsewhere, that does not load the page anew. */
export function RouteLink({
  to,
  className,
  isCurrent = false,
  tabIndex,
  children,
}: RouteLinkProps): ReactNode {
  const follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a
      href={formatRoute(to)}
      onClick={follow}
      className={className}
      tabIndex={tabIndex}
      aria-current={isCurrent ? 'page' : undefined}
    >
      {children}
    </a>
  );
}
