import type { DeviceSummary } from '@dunlin/api';
import type { ReactNode } from 'react';

import { Failure } from '../../../components/failure.tsx';
import { useDefinition, useValues } from '../../../server/use-answers.ts';
import { text } from '../../../text/en.ts';
import { AskingOptions } from './asking-options.tsx';
import { InstanceView } from './instance-view.tsx';
import { levelOf } from './level.ts';
import { ObjectTree } from './object-tree.tsx';
import { ObjectView } from './object-view.tsx';
import styles from './resources-tab.module.css';

export interface ResourcesTabProps {
  readonly device: DeviceSummary;
  /** What is shown, such as `/3/0`; empty for the Device Object. */
  readonly path: string;
}

/** What a device has: the tree of its Objects, and the Resources of one of their instances. */
export function ResourcesTab({ device, path }: ResourcesTabProps): ReactNode {
  const { data: values = [], error } = useValues(device.endpoint);
  const shown = path === '' ? firstPath(device) : path;
  const level = levelOf(shown);
  const object = device.objects.find(({ id }) => id === level?.objectId);
  const { data: definition } = useDefinition(level?.objectId, object?.version);
  if (device.objects.length === 0) return <p className="muted">{text.resources.noObjects}</p>;
  return (
    <div className={styles.tab}>
      <ObjectTree endpoint={device.endpoint} objects={device.objects} values={values} selected={shown} />
      <div className="stack">
        {error !== null && <Failure error={error} />}
        <AskingOptions bindingMode={device.bindingMode} />
        {level !== undefined &&
          definition !== undefined &&
          (level.instancePath === undefined ? (
            <ObjectView
              key={shown}
              device={device}
              objectId={level.objectId}
              definition={definition ?? undefined}
            />
          ) : (
            <InstanceView
              key={level.instancePath}
              endpoint={device.endpoint}
              instancePath={level.instancePath}
              selected={level.resourceId}
              definition={definition ?? undefined}
              values={values}
            />
          ))}
      </div>
    </div>
  );
}

/** The Device Object, or the first instance there is. */
function firstPath({ objects }: DeviceSummary): string {
  const object = objects.find(({ id }) => id === 3) ?? objects[0];
  if (object === undefined) return '';
  const [instance] = object.instances;
  return instance === undefined ? `/${object.id}` : `/${object.id}/${instance}`;
}
