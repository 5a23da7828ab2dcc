import { DunlinError } from '@dunlin/base';
import { codeClass, formatCode } from '@dunlin/coap';

/** Whose fault a refusal is: `caller` for class 4 (it was asked for something wrong), `device` for class 5. */
export type Blame = 'caller' | 'device';

/** The device refused, in a well-formed response. */
export class ResponseError extends DunlinError {
  readonly code = 'response';
  /** Like `4.05`. */
  readonly coapCode: string;
  /** The text that the device sent with it (RFC 7252 §5.5.2), '' when there was none. */
  readonly diagnostic: string;
  readonly blame: Blame;

  constructor(
    endpointName: string,
    operation: string,
    refusal: { readonly code: number; readonly diagnostic: string },
  ) {
    const coapCode = formatCode(refusal.code);
    const explanation = refusal.diagnostic === '' ? '' : `: ${refusal.diagnostic}`;
    super(`${endpointName} refused ${operation} with ${coapCode} ${codeMeaning(refusal.code)}${explanation}`);
    this.coapCode = coapCode;
    this.diagnostic = refusal.diagnostic;
    this.blame = codeClass(refusal.code) === 5 ? 'device' : 'caller';
  }
}

/** The endpoint has no registration (any more), so that nothing can be asked of it. */
export class DeviceNotRegisteredError extends DunlinError {
  readonly code = 'not-registered';
  readonly endpointName: string;

  constructor(endpointName: string, message: string = `${endpointName} is not registered`) {
    super(message);
    this.endpointName = endpointName;
  }
}

/** The names of response codes (RFC 7252 §5.9, RFC 7959 §2.9; 1.0 §8.5). */
const meanings: ReadonlyMap<string, string> = new Map([
  ['4.00', 'Bad Request'],
  ['4.01', 'Unauthorized'],
  ['4.02', 'Bad Option'],
  ['4.03', 'Forbidden'],
  ['4.04', 'Not Found'],
  ['4.05', 'Method Not Allowed'],
  ['4.06', 'Not Acceptable'],
  ['4.08', 'Request Entity Incomplete'],
  ['4.09', 'Conflict'],
  ['4.12', 'Precondition Failed'],
  ['4.13', 'Request Entity Too Large'],
  ['4.15', 'Unsupported Content-Format'],
  ['4.22', 'Unprocessable Entity'],
  ['4.29', 'Too Many Requests'],
  ['5.00', 'Internal Server Error'],
  ['5.01', 'Not Implemented'],
  ['5.02', 'Bad Gateway'],
  ['5.03', 'Service Unavailable'],
  ['5.04', 'Gateway Timeout'],
  ['5.05', 'Proxying Not Supported'],
]);

function codeMeaning(code: number): string {
  return meanings.get(formatCode(code)) ?? (codeClass(code) === 5 ? 'server error' : 'client error');
}
