import type { ReactNode } from 'react';

export interface SearchedHeadingProps {
  readonly title: string;
  /** What the field looks for. */
  readonly label: string;
  readonly search: string;
  readonly onSearch: (search: string) => void;
}

/** The heading of a page, and the field that searches what is on it. */
export function SearchedHeading({ title, label, search, onSearch }: SearchedHeadingProps): ReactNode {
  return (
    <div className="row spread">
      <h1>{title}</h1>
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        data-shortcut="/"
        value={search}
        onChange={({ target }) => onSearch(target.value)}
      />
    </div>
  );
}
