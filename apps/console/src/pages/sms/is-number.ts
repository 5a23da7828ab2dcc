/** A telephone number as the server takes it: digits with country code, without "+". */
export function isNumber(typed: string): boolean {
  return /^[0-9]{3,15}$/.test(typed);
}
