/** The data formats of 1.0 (§6.4) that content can be asked for and sent in. */
export const dataFormats = ['tlv', 'json', 'text', 'opaque'] as const;

/** The formats of values that can be asked for. */
export type DataFormat = (typeof dataFormats)[number];
