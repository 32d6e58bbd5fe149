/** Refusals of an access token after which the session may well be alive; if it is not, the refresh finds out. */
export const MENDABLE: RegExp = /^(token_(expired|stale|revoked|invalid)|credential_missing|user_inactive)$/
