import { text } from './en.ts';

/** A duration in the largest unit that says enough: `45 s`, `12 min`, `5 h`, `3 d`. */
function formatDuration(seconds: number): string {
  const magnitude = Math.abs(seconds);
  if (magnitude < 120) return `${Math.round(magnitude)} s`;
  if (magnitude < 7200) return `${Math.round(magnitude / 60)} min`;
  if (magnitude < 172_800) return `${Math.round(magnitude / 3600)} h`;
  return `${Math.round(magnitude / 86_400)} d`;
}

/** How long ago, or in how long, an instant is; both in milliseconds since 1970. */
export function formatAge(instant: number, now: number): string {
  const seconds = (instant - now) / 1000;
  if (Math.abs(seconds) < 1) return text.age.now;
  const duration = formatDuration(seconds);
  return seconds < 0 ? text.age.ago(duration) : text.age.in(duration);
}
