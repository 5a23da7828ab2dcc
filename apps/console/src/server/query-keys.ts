/** The names under which answers of the server are kept. */
export const queryKeys = {
  overview: ['overview'],
  device: (endpoint: string): readonly string[] => ['device', endpoint],
  values: (endpoint: string): readonly string[] => ['values', endpoint],
  observations: (endpoint: string): readonly string[] => ['observations', endpoint],
  attributes: (endpoint: string): readonly string[] => ['attributes', endpoint],
  operations: (endpoint: string): readonly string[] => ['operations', endpoint],
  firmware: (endpoint: string): readonly string[] => ['firmware', endpoint],
  firmwareImages: ['firmware images'],
  users: ['users'],
  sessions: ['sessions'],
  tokens: ['tokens'],
  audit: ['audit'],
  definitions: ['definitions'],
  credentials: ['credentials'],
  bootstrapConfigurations: ['bootstrap', 'configurations'],
  bootstrapSessions: ['bootstrap', 'sessions'],
} as const;
