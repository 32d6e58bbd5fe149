/** The types of certificate.mjs, which is plain JavaScript so that no example has to build it. */

/** In PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

export function localCertificate(): Certificate
