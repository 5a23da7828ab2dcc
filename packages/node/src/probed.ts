/** A store on a disk that can be asked whether it still takes changes. */
export interface Probed {
  /** Writes what changes nothing, as any change is written; rejects with a `StorageError` when that is not possible. */
  probe(): Promise<void>;
}
