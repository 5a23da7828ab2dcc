export const draft = 'dtls';
