import type { Seconds } from '@dunlin/base';

/** The NOTIFICATION attributes of 1.0 as set at one level of the path hierarchy (1.0 §5.1, R-520). */
export interface NotificationAttributes {
  /** Minimum Period: no two notifications closer than this. */
  readonly pmin?: Seconds | undefined;
  /** Maximum Period: one at least this often. */
  readonly pmax?: Seconds | undefined;
  /** Greater Than: the threshold whose crossing notifies. */
  readonly gt?: number | undefined;
  /** Less Than: the threshold whose crossing notifies. */
  readonly lt?: number | undefined;
  /** Step: the least change since the last notification that notifies. */
  readonly st?: number | undefined;
}

/** What a Write-Attributes asks: a value sets, `null` unsets, absent leaves as it is. */
export type NotificationAttributesChange = {
  readonly [Name in keyof NotificationAttributes]?: NotificationAttributes[Name] | null;
};
