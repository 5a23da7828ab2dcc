import type {
  Content,
  DiscoverLink,
  ExecutableReference,
  NotificationAttributesChange,
  ObjectInstancePath,
  Path,
  ReadableReference,
  ResourceReference,
  SingleOrMultiple,
  Value,
  WritableReference,
} from '@dunlin/lwm2m';

import type { Observation } from './observation.ts';
import type {
  CancelOptions,
  CreatableContent,
  CreateOptions,
  ObservationSummary,
  ObserveOptions,
  OperationOptions,
  WritableContent,
  WriteOptions,
} from './operation-options.ts';
import type { Registration } from './registration.ts';

/** What an operation is aimed at: a path, its text such as `/3/0/0`, or a typed reference. */
export type Target = Path | string | ResourceReference | ExecutableReference;

/** What `LwM2mServer.device` gives. */
export interface Device {
  readonly endpointName: string;
  registration(): Promise<Registration | undefined>;
  read<T extends Value, M extends boolean>(
    target: ReadableReference<T, M>,
    options?: Readonly<OperationOptions>,
  ): Promise<SingleOrMultiple<T, M>>;
  read(target: Path | string, options?: Readonly<OperationOptions>): Promise<Content>;
  readContent(target: Target, options?: Readonly<OperationOptions>): Promise<Content>;
  write<T extends Value, M extends boolean>(
    target: WritableReference<T, M>,
    value: SingleOrMultiple<T, M>,
    options?: Readonly<WriteOptions>,
  ): Promise<void>;
  write(target: Path | string, value: WritableContent, options?: Readonly<WriteOptions>): Promise<void>;
  writeAttributes(
    target: Target,
    change: NotificationAttributesChange,
    options?: Readonly<OperationOptions>,
  ): Promise<void>;
  discover(target: Target, options?: Readonly<OperationOptions>): Promise<readonly DiscoverLink[]>;
  execute(target: Target, args?: string, options?: Readonly<OperationOptions>): Promise<void>;
  create(
    target: Path | string,
    resources: CreatableContent,
    options?: Readonly<CreateOptions>,
  ): Promise<ObjectInstancePath>;
  delete(target: Path | string, options?: Readonly<OperationOptions>): Promise<void>;
  observe<T extends Value, M extends boolean>(
    target: ReadableReference<T, M>,
    options?: Readonly<ObserveOptions>,
  ): Observation<SingleOrMultiple<T, M>>;
  observe(target: Path | string, options?: Readonly<ObserveOptions>): Observation<Content>;
  observations(): Promise<readonly ObservationSummary[]>;
  cancelObservation(target: Target, options?: Readonly<CancelOptions>): Promise<void>;
}
