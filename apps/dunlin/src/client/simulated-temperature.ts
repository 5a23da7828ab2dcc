import { type LwM2mClient, type ObjectSetup, objectInstances } from '@dunlin/client';

import { Temperature } from './temperature.ts';

/** A room: its mean, how far the day swings it, and how long the day is. A short day makes the value move while one looks. */
const room = { mean: 21, swing: 3, dayInMilliseconds: 600_000 };

/** A temperature sensor in an imagined room. Its value is a function of time, so that it needs no state to go on. */
export function temperatureAt(instant: number): number {
  const { mean, swing, dayInMilliseconds } = room;
  const phase = (2 * Math.PI * instant) / dayInMilliseconds;
  const draught = 0.2 * Math.sin(phase * 37) + 0.1 * Math.sin(phase * 101);
  return Math.round((mean + swing * Math.sin(phase) + draught) * 10) / 10;
}

/** The Temperature Object of the simulated device: `/3303/0`. */
export function simulatedTemperature(now: () => number, client: () => LwM2mClient | undefined): ObjectSetup {
  const value = temperatureAt(now());
  return objectInstances(Temperature, {
    0: {
      sensorValue: value,
      minimumMeasuredValue: value,
      maximumMeasuredValue: value,
      minimumRangeValue: -40,
      maximumRangeValue: 85,
      sensorUnits: 'Cel',
      resetMeasuredValues: () => {
        const device = client();
        if (device !== undefined) resetExtremes(device);
      },
    },
  });
}

/** Takes the sensor's value over, in one change with its extremes. */
export function measure(client: LwM2mClient, value: number): void {
  const { sensorValue, minimumMeasuredValue, maximumMeasuredValue } = Temperature(0);
  const minimum = client.get(minimumMeasuredValue) ?? value;
  const maximum = client.get(maximumMeasuredValue) ?? value;
  client.change((objects) => {
    if (client.get(sensorValue) !== value) objects.set(sensorValue, value);
    if (value < minimum) objects.set(minimumMeasuredValue, value);
    if (value > maximum) objects.set(maximumMeasuredValue, value);
  });
}

function resetExtremes(client: LwM2mClient): void {
  const { sensorValue, minimumMeasuredValue, maximumMeasuredValue } = Temperature(0);
  const value = client.get(sensorValue) ?? 0;
  client.change((objects) => {
    objects.set(minimumMeasuredValue, value);
    objects.set(maximumMeasuredValue, value);
  });
}
