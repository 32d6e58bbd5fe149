/** The rows of what is our own, beside the ids of other issuers: no issuer may be called so. */

/** Our own tokens; sessions belong to no other row. */
export const OWN_ROW = 'self'

/** Our API tokens: an epoch of `jti` in this row names one by its id. */
export const API_TOKEN_ROW = 'api-token'

/** Accounts that came from another system: the identity of this row says which of them, and keeps out who was deleted. */
export const IMPORT_ROW = 'import'

/** The key of an epoch that means everybody of its row: of the scope `everybody`, and of `permissions`. Nobody has it as an id. */
export const EVERYBODY = ''
