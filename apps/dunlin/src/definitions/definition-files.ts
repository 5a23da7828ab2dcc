/** Where uploaded DDF files are kept, each under a name that the server chose. */
export interface DefinitionFiles {
  all(): Promise<readonly { readonly name: string; readonly bytes: Uint8Array }[]>;
  /** In place of the file of this name. Durable when it resolves. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Harmless when there is none. Durable when it resolves. */
  remove(name: string): Promise<void>;
}

/** Files that are forgotten with the process. */
export function memoryDefinitionFiles(): DefinitionFiles {
  const files = new Map<string, Uint8Array>();
  return {
    all: () => Promise.resolve([...files].map(([name, bytes]) => ({ name, bytes }))),
    put: (name, bytes) => Promise.resolve(void files.set(name, bytes)),
    remove: (name) => Promise.resolve(void files.delete(name)),
  };
}
