/** The names of response codes (RFC 7252 §12.1.2, RFC 7959 §2.9, RFC 8132 §6, RFC 8516). */
const meanings: Readonly<Record<string, string>> = {
  '2.01': 'Created',
  '2.02': 'Deleted',
  '2.03': 'Valid',
  '2.04': 'Changed',
  '2.05': 'Content',
  '2.31': 'Continue',
  '4.00': 'Bad Request',
  '4.01': 'Unauthorized',
  '4.02': 'Bad Option',
  '4.03': 'Forbidden',
  '4.04': 'Not Found',
  '4.05': 'Method Not Allowed',
  '4.06': 'Not Acceptable',
  '4.08': 'Request Entity Incomplete',
  '4.09': 'Conflict',
  '4.12': 'Precondition Failed',
  '4.13': 'Request Entity Too Large',
  '4.15': 'Unsupported Content-Format',
  '4.22': 'Unprocessable Entity',
  '4.29': 'Too Many Requests',
  '5.00': 'Internal Server Error',
  '5.01': 'Not Implemented',
  '5.02': 'Bad Gateway',
  '5.03': 'Service Unavailable',
  '5.04': 'Gateway Timeout',
  '5.05': 'Proxying Not Supported',
};

/** What a response code such as `4.05` is called; a code without a name counts as the x.00 of its class (RFC 7252 §5.9). */
export function coapMeaning(coapCode: string): string {
  return meanings[coapCode] ?? meanings[`${coapCode.slice(0, 1)}.00`] ?? 'Error';
}

/** The names of the other codes (RFC 7252 §12.1.1, RFC 8132 §6). */
const names: Readonly<Record<string, string>> = {
  '0.00': 'Empty',
  '0.01': 'GET',
  '0.02': 'POST',
  '0.03': 'PUT',
  '0.04': 'DELETE',
  '0.05': 'FETCH',
  '0.06': 'PATCH',
  '0.07': 'iPATCH',
};

/** What any code of a message is called. */
export function codeName(coapCode: string): string {
  return names[coapCode] ?? coapMeaning(coapCode);
}
