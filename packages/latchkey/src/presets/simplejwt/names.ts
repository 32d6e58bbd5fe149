/** The names of simplejwt's settings: those that are taken, those that the original removed, and those that mean nothing outside Django. */
import type { SimpleJwtSettings } from './settings.js'

export const KNOWN: Readonly<Record<keyof SimpleJwtSettings, true>> = {
  ACCESS_TOKEN_LIFETIME: true,
  REFRESH_TOKEN_LIFETIME: true,
  ROTATE_REFRESH_TOKENS: true,
  BLACKLIST_AFTER_ROTATION: true,
  UPDATE_LAST_LOGIN: true,
  ALGORITHM: true,
  SIGNING_KEY: true,
  VERIFYING_KEY: true,
  AUDIENCE: true,
  ISSUER: true,
  LEEWAY: true,
  JWK_URL: true,
  AUTH_HEADER_TYPES: true,
  AUTH_HEADER_NAME: true,
  USER_ID_FIELD: true,
  USER_ID_CLAIM: true,
  USER_AUTHENTICATION_RULE: true,
  CHECK_USER_IS_ACTIVE: true,
  ON_LOGIN_SUCCESS: true,
  ON_LOGIN_FAILED: true,
  AUTH_TOKEN_CLASSES: true,
  TOKEN_TYPE_CLAIM: true,
  JTI_CLAIM: true,
  TOKEN_USER_CLASS: true,
  SLIDING_TOKEN_REFRESH_EXP_CLAIM: true,
  SLIDING_TOKEN_LIFETIME: true,
  SLIDING_TOKEN_REFRESH_LIFETIME: true,
  TOKEN_OBTAIN_SERIALIZER: true,
  TOKEN_REFRESH_SERIALIZER: true,
  TOKEN_VERIFY_SERIALIZER: true,
  TOKEN_BLACKLIST_SERIALIZER: true,
  SLIDING_TOKEN_OBTAIN_SERIALIZER: true,
  SLIDING_TOKEN_REFRESH_SERIALIZER: true,
  CHECK_REVOKE_TOKEN: true,
  REVOKE_TOKEN_CLAIM: true,
  authentication: true,
  username_field: true,
  paths: true,
  originalRefreshTokens: true,
  version: true,
}

/** Names that the original refuses too, and what took their place. */
export const REMOVED: Readonly<Record<string, string>> = {
  AUTH_HEADER_TYPE: 'AUTH_HEADER_TYPES',
  AUTH_TOKEN_CLASS: 'AUTH_TOKEN_CLASSES',
  SECRET_KEY: 'SIGNING_KEY',
  TOKEN_BACKEND_CLASS: 'ALGORITHM and SIGNING_KEY',
}

/** Names that mean something in Django alone, or nothing at all here, with the sentence that says why. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  JSON_ENCODER: 'is a class of Python: claims are JSON here, and nothing else can stand in them',
}
