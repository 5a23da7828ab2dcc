/** A result that is there, or will be. */
export type MaybePromise<T> = T | Promise<T>;
