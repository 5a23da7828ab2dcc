import {
  isDefinitionFailure,
  type ObjectDefinition,
  type ObjectDefinitionCatalogue,
  ObjectDefinitionRegistry,
  type ObjectDefinitionSummary,
  parseObjectDefinitionXml,
} from '@dunlin/lwm2m';

import type { DefinitionFiles } from './definition-files.ts';

/** Why a file was not taken. */
export interface UploadRefused {
  readonly kind: 'refused';
  /** The file is wrong; or it would take the place of what the server lives by; or there is no room. */
  readonly problem: 'malformed' | 'reserved' | 'full';
  readonly reason: string;
}

export interface UploadedDefinitionsOptions {
  /** What the server brings with it, and what lies below the uploaded ones. */
  readonly builtIn: ObjectDefinitionCatalogue;
  readonly files: DefinitionFiles;
  readonly limit?: number;
}

/** As many as the registry of OMA has, several times over. */
const maxDefinitions = 2000;

/** Objects of the enabler itself: what the server does with devices rests on their definitions. */
const lastReserved = 7;

/** What operators know of Objects, over what the server brings: found at once, and after a restart. */
export class UploadedDefinitions implements ObjectDefinitionCatalogue {
  readonly #options: UploadedDefinitionsOptions;
  readonly #uploaded = new Map<string, ObjectDefinition>();
  #registry: ObjectDefinitionRegistry;

  private constructor(options: UploadedDefinitionsOptions) {
    this.#options = options;
    this.#registry = new ObjectDefinitionRegistry([options.builtIn]);
  }

  /** Takes up what was uploaded before; `onProblem` is told of files that cannot be read, which are passed over. */
  static async open(
    options: Readonly<UploadedDefinitionsOptions>,
    onProblem: (name: string, reason: string) => void,
  ): Promise<UploadedDefinitions> {
    const definitions = new UploadedDefinitions(options);
    for (const { name, bytes } of await options.files.all()) {
      const parsed = await parseObjectDefinitionXml(bytes, { keepsDescriptions: true });
      if (isDefinitionFailure(parsed)) onProblem(name, `line ${parsed.line}: ${parsed.reason}`);
      else for (const definition of parsed) if (fileName(definition) === name) definitions.#keep(definition);
    }
    definitions.#rebuild();
    return definitions;
  }

  find(objectId: number, version?: string): ObjectDefinition | undefined {
    return this.#registry.find(objectId, version);
  }

  list(): readonly ObjectDefinitionSummary[] {
    return this.#registry.list();
  }

  isUploaded({ id, version }: Pick<ObjectDefinition, 'id' | 'version'>): boolean {
    return this.#uploaded.has(keyOf(id, version));
  }

  /** Takes all definitions of a DDF file, or none. Durable when it resolves. */
  async upload(xml: Uint8Array): Promise<readonly ObjectDefinition[] | UploadRefused> {
    const parsed = await parseObjectDefinitionXml(xml, { keepsDescriptions: true });
    if (isDefinitionFailure(parsed)) {
      const { line, column, reason } = parsed;
      return { kind: 'refused', problem: 'malformed', reason: `line ${line}, column ${column}: ${reason}` };
    }
    const refused = this.#refusal(parsed);
    if (refused !== undefined) return refused;
    for (const definition of parsed) await this.#options.files.put(fileName(definition), xml);
    for (const definition of parsed) this.#keep(definition);
    this.#rebuild();
    return parsed;
  }

  /** False when it was not uploaded. Durable when it resolves. */
  async remove(id: number, version: string): Promise<boolean> {
    if (!this.#uploaded.delete(keyOf(id, version))) return false;
    this.#rebuild();
    await this.#options.files.remove(fileName({ id, version }));
    return true;
  }

  #refusal(definitions: readonly ObjectDefinition[]): UploadRefused | undefined {
    const reserved = definitions.find(({ id }) => id <= lastReserved);
    if (reserved !== undefined) {
      const reason = `Object ${reserved.id} is one of the enabler, whose definitions the server brings itself`;
      return { kind: 'refused', problem: 'reserved', reason };
    }
    const limit = this.#options.limit ?? maxDefinitions;
    const added = definitions.filter((definition) => !this.isUploaded(definition)).length;
    if (this.#uploaded.size + added <= limit) return undefined;
    return {
      kind: 'refused',
      problem: 'full',
      reason: `there is room for ${limit} definitions: remove some first`,
    };
  }

  #keep(definition: ObjectDefinition): void {
    this.#uploaded.set(keyOf(definition.id, definition.version), definition);
  }

  #rebuild(): void {
    this.#registry = ObjectDefinitionRegistry.of(this.#uploaded.values(), [this.#options.builtIn]);
  }
}

function keyOf(id: number, version: string): string {
  return `${id} ${version}`;
}

/** Of numbers only: what an operator uploads never names a file. */
function fileName({ id, version }: Pick<ObjectDefinition, 'id' | 'version'>): string {
  return `${id}-${version}.xml`;
}
