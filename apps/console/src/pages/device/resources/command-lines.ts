/** The line of a shell that does the same by the program's command. */
export function commandLine(command: string, endpoint: string, path: string): string {
  return `npx dunlin ${command} ${quoted(endpoint)} ${path}`;
}

/** The line of a shell that reads by HTTP. */
export function curlLine(origin: string, endpoint: string, path: string): string {
  const url = `${origin}/api/v1/devices/${encodeURIComponent(endpoint)}/resources${path}`;
  return `curl -H "Authorization: Bearer $DUNLIN_API_TOKEN" ${quoted(url)}`;
}

/** One word of a POSIX shell, whatever is in it: names of endpoints are chosen by devices. */
function quoted(word: string): string {
  return /^[\w./:@%-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
