import { type Static, type TSchema, Type, type TUnsafe } from 'typebox';

/** A JSON Schema (draft 2020-12) whose documents are of type `T`. */
export type Schema<T> = TUnsafe<T>;

/**
 * Ties a schema to the type it describes: what the schema admits must be a `T`, or this does not compile.
 * The types are written out by hand so that they read well in an editor and in declarations.
 */
export function schemaOf<T>(): <S extends TSchema>(
  schema: Static<S> extends T ? S : { readonly admits: Static<S>; readonly expected: T },
) => Schema<T> {
  return (schema) => Type.Unsafe<T>(schema);
}
