import { constants } from 'node:crypto';

/** AEAD ciphers with forward secrecy, which HTTP/2 asks for (RFC 9113, 9.2.2); those of TLS 1.3 first. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

/** What both ports keep to, whatever the certificate. */
export const policy = {
  minVersion: 'TLSv1.2',
  ciphers: CIPHERS.join(':'),
  honorCipherOrder: true,
  // TLS 1.3 has no renegotiation, HTTP/2 forbids it, and nobody else needs what costs a server so much.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
} as const;
