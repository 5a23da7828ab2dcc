export {
  blockOffset,
  type BlockOption,
  blockSizeUpTo,
  decodeBlockOption,
  encodeBlockOption,
  maxBlockNumber,
  maxBlockSize,
  minBlockSize,
} from './block-option.ts';
export { Block1PartReceiver, type PartOutcome, type PartRequest } from './blockwise/block1-part-receiver.ts';
export { Block1Receiver, type UploadOutcome, type UploadRequest } from './blockwise/block1-receiver.ts';
export {
  Block1Sender,
  type UploadAnswer,
  type UploadOptions,
  type UploadPart,
  type UploadStep,
} from './blockwise/block1-sender.ts';
export { Block2Receiver, type DownloadOptions, type DownloadStep } from './blockwise/block2-receiver.ts';
export { Block2Sender, type DownloadAnswer, type DownloadRequest } from './blockwise/block2-sender.ts';
export { type BlockwiseLimits, blockwiseLimitsDefaults } from './blockwise/blockwise-limits.ts';
export { uploadKey } from './blockwise/transfer-key.ts';
export { BoundEndpoint, type BoundRole, type TakenOutput } from './bound-endpoint.ts';
export { codeClass, formatCode, Method, ResponseCode } from './code.ts';
export { type CoapUri, type CoapUriFailure, parseCoapUri } from './coap-uri.ts';
export { ContentFormat } from './content-format.ts';
export { decodeMessage, type Malformed, type MalformedReason } from './decode-message.ts';
export { diagnosticText } from './diagnostic-text.ts';
export {
  encodeEmpty,
  encodeMessage,
  largestBlockBeside,
  type OutgoingMessage,
  type OutgoingOption,
} from './encode-message.ts';
export { CoapEndpoint } from './endpoint.ts';
export type { NotificationOrder } from './observe/freshness.ts';
export type { ObservationRecord } from './observe/observation-record.ts';
export {
  type CoapEndpointOptions,
  type EndpointBehaviour,
  endpointBehaviourDefaults,
  type EndpointLimits,
  endpointLimitsDefaults,
} from './endpoint-options.ts';
export type {
  CoapOutput,
  ExchangeId,
  ObservationId,
  RelationId,
  RequestFailure,
  RequestId,
} from './endpoint-output.ts';
export {
  type Link,
  type LinkAttribute,
  type LinkFormatFailure,
  type LinkFormatLimits,
  linkFormatLimitsDefaults,
} from './link.ts';
export { filterLinks } from './link-filter.ts';
export { formatLinkFormat, isLinkFormatFailure, parseLinkFormat } from './link-format.ts';
export {
  emptyCode,
  isRequestCode,
  isResponseCode,
  maxMessageId,
  Message,
  type MessageLimits,
  messageLimitsDefaults,
  MessageType,
  tokenKey,
} from './message.ts';
export {
  describeOption,
  isCriticalOption,
  isNoCacheKeyOption,
  isUnsafeOption,
  maxOptionNumber,
  type OptionDefinition,
  optionDefinition,
  optionDefinitions,
  type OptionFormat,
  OptionNumber,
} from './option.ts';
export { type BadOption, findBadOption } from './option-check.ts';
export { OptionList, type OptionValue } from './option-list.ts';
export { packetSize } from './packet-size.ts';
export { type Peer, type PeerAssociation, type PeerSecurity, smsPeer, udpPeer } from './peer.ts';
export type {
  BodyPart,
  BodySlice,
  BodySource,
  IncomingRequest,
  IncomingResponse,
  Request,
  RequestOptions,
  Response,
  ResponseDelivery,
} from './request.ts';
export {
  type DecodedRequest,
  decodeRequest,
  hasRequestBody,
  type RefusedRequest,
  requestOptions,
} from './request-codec.ts';
export {
  type DecodedResponse,
  decodeResponse,
  type RejectedResponse,
  responseCodeOf,
  responseOptions,
} from './response-codec.ts';
export type { Binding, DeliveryFailure, Driven, OutgoingDatagram, Shell } from './shell.ts';
export type { EndpointSizes, EndpointStatistics } from './statistics.ts';
export type { TransferOptions } from './transfer-options.ts';
export { smsTransmission, transmissionForTransport } from './message-layer/sms-transmission.ts';
export {
  type TransmissionParameters,
  transmissionDefaults,
  type TransmissionTiming,
  transmissionTiming,
} from './message-layer/transmission-parameters.ts';
