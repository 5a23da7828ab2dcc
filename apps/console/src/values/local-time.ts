/** The text of a `datetime-local` field for Unix seconds, in the zone of the browser; empty for what is none. */
export function localTimeOf(seconds: string): string {
  if (!/^-?\d{1,11}$/.test(seconds)) return '';
  const date = new Date(Number(seconds) * 1000);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

/** The Unix seconds of the text of a `datetime-local` field; empty for none. */
export function secondsOf(localTime: string): string {
  const time = new Date(localTime).getTime();
  return Number.isNaN(time) ? '' : String(Math.floor(time / 1000));
}
