/** The issuer row of our own tokens, beside the ids of other issuers; sessions belong to no other. */
export const OWN_ROW = 'self'
