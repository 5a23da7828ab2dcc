export { base64Decode, base64Encode } from './base64.ts';
export { concatBytes, equalBytes, hexDecode, hexEncode, noBytes, utf8Decode, utf8Encode } from './bytes.ts';
export { ByteReader } from './byte-reader.ts';
export { ByteWriter } from './byte-writer.ts';
export { DeadlineQueue, type Scheduled } from './deadline-queue.ts';
export {
  DunlinError,
  ProtocolError,
  SecurityError,
  StorageError,
  TransmissionError,
  type TransmissionErrorCode,
  UsageError,
} from './errors.ts';
export { type Random, seededRandom } from './random.ts';
export { Secret } from './secret.ts';
export { type Signal, SignalSource } from './signal.ts';
export {
  addDuration,
  durationBetween,
  earliestOf,
  type Instant,
  instantFrom,
  type Milliseconds,
  milliseconds,
  type Seconds,
  seconds,
  toMilliseconds,
} from './time.ts';
