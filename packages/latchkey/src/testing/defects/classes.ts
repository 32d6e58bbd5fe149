/** What can be wrong with a token, by name: the case of the security catalogue, what it means, and what a service does about it. */

const ADVICE = {
  algorithm: 'Give the verifier a list of one algorithm, that of the key; never read it from the token.',
  'own-keys':
    'Take keys from your configuration only; `jwk`, `jku`, `x5c`, `x5t` and `x5u` of a header are for nobody.',
  kid: 'Look the `kid` up among the keys that you have, as text; refuse one that is not there.',
  header: 'Refuse headers that ask for what the verifier does not do (RFC 7515 section 4.1.11).',
  compact: 'Take the compact form only: three parts of canonical base64url between two dots.',
  'strict-json': 'Parse the JSON of a token strictly: an object, in UTF-8, with each member once.',
  limits: 'Limit the size, depth and number of members of a token before anything else is done with it.',
  signature: 'Verify the signature, with a maintained library, over the very bytes that came.',
  exp: 'Demand `exp`, as a number, not reached yet and not far ahead.',
  dates: 'Check `nbf` and `iat` where they stand; refuse what is no number.',
  issuer: 'Tell the verifier the one `iss` that you expect, and compare it to the letter.',
  audience: 'Tell the verifier who you are: a token that does not name you in `aud` is for somebody else.',
  subject: 'Demand that the claims that name somebody are texts of a sane length.',
  type: 'Check `typ` (`at+jwt`): what else the issuer signs with this key is no access token.',
  bound: 'Refuse tokens with `cnf`, unless you check the proof that goes with them (RFC 9449).',
  alive: 'Ask whoever knows of sessions: `auth.authenticate` does; a signature alone tells nothing of today.',
  one: 'Refuse requests with more than one credential (RFC 6750 section 2).',
  secret: 'Refuse to start without a secret of 32 bytes or more.',
} as const

/** Danger, case, meaning, advice; and which entries of the case it is about, where an earlier class does not have them already. */
const ROWS = {
  'alg-none': ['forged', 1, 'The header says that the token is not signed.', 'algorithm'],
  'alg-none-spelled': ['forged', 2, 'The header says `none` in another spelling.', 'algorithm'],
  'alg-unreadable': [
    'lax',
    3,
    'The header names no algorithm, or names it as something else than a text.',
    'algorithm',
  ],
  'alg-inherited': ['lax', 4, 'The algorithm is called like a member that every JavaScript object has.', 'algorithm'],
  'encrypted-unsigned': [
    'forged',
    5,
    'It is encrypted to our public key, which everybody can do, and not signed.',
    'compact',
  ],
  'hs-with-public-key': [
    'forged',
    6,
    'It is HS256 with our public key as the secret, which everybody has.',
    'algorithm',
  ],
  'hs-with-public-bytes': [
    'forged',
    7,
    'It is HS256 with another spelling of our public key as the secret.',
    'algorithm',
  ],
  'hs-with-recovered-key': ['forged', 23, 'It is HS256 with our key as recovered from two signatures.', 'algorithm'],
  'hs-with-empty-key': ['forged', 9, 'It is HS256 with an empty secret.', 'secret'],
  'other-algorithm': ['lax', 16, 'It is signed with the right key under another algorithm.', 'algorithm'],
  'wrong-key': ['forged', 100, 'Somebody else signed it and names our key.', 'signature', 'under our kid'],
  'unknown-key': ['forged', 100, 'Somebody else signed it and names a key that we do not have.', 'kid'],
  crit: ['lax', 25, 'The header says that an extension must be understood, and nobody here does.', 'header'],
  'crit-malformed': ['lax', 26, 'The list of extensions that must be understood is malformed.', 'header'],
  'b64-false': ['lax', 27, 'The header says that the payload is not encoded, which no JWT may.', 'header'],
  'embedded-jwk': ['forged', 28, 'The header brings the key along that it was signed with.', 'own-keys'],
  jku: ['forged', 29, 'The header says where to fetch the key that it was signed with.', 'own-keys', 'jku'],
  x5u: ['forged', 29, 'The header says where to fetch the certificate that it was signed with.', 'own-keys'],
  'embedded-certificate': ['forged', 30, 'The header brings a certificate along.', 'own-keys'],
  'kid-path': ['forged', 31, 'The `kid` is the path of a file whose content everybody knows.', 'kid'],
  'kid-query': ['forged', 32, 'The `kid` is a piece of SQL that makes the key what everybody knows.', 'kid', 'keyed'],
  'kid-sql': ['lax', 32, 'The `kid` is a piece of SQL.', 'kid'],
  'kid-command': ['lax', 33, 'The `kid` is a command or a template.', 'kid'],
  'kid-malformed': ['lax', 34, 'The `kid` is no text, or one that no key has.', 'kid'],
  'encryption-members': ['lax', 36, 'The header has members that only encrypted tokens have.', 'header'],
  'nested-token': ['lax', 37, 'The payload is another token.', 'strict-json'],
  'json-form': ['lax', 38, 'It is in one of the JSON forms, or hidden in JSON.', 'compact'],
  'header-too-large': ['lax', 40, 'The header is too large or has too many members.', 'limits'],
  'five-parts': ['lax', 41, 'It has the five parts of an encrypted token.', 'compact'],
  'white-space': ['lax', 42, 'There is white space in or after the signature.', 'compact'],
  'signed-white-space': ['lax', 43, 'There is white space inside of what is signed.', 'compact'],
  padding: ['lax', 44, 'A part ends with the padding that base64url does not have.', 'compact'],
  'standard-base64': ['lax', 45, 'A part is written with `+` and `/`.', 'compact'],
  'unused-bits': ['lax', 46, 'Bits that mean nothing are set, so that one token has many spellings.', 'compact'],
  'impossible-length': ['lax', 47, 'A part has a length that base64url cannot have.', 'compact'],
  'not-ascii': ['lax', 48, 'There are characters in it that base64url does not have.', 'compact'],
  'wrong-parts': ['lax', 49, 'It has not three parts, or one of them is empty.', 'compact'],
  'byte-order-mark': ['lax', 51, 'The JSON begins with a byte order mark.', 'strict-json'],
  'ill-formed-utf8': ['lax', 52, 'The JSON is not in UTF-8.', 'strict-json'],
  'half-a-character': ['lax', 53, 'A claim that names somebody has half a surrogate pair in it.', 'subject'],
  'duplicate-member': ['lax', 54, 'A member stands twice, and the two say different things.', 'strict-json'],
  'not-an-object': ['lax', 55, 'The header or the payload is no JSON object.', 'strict-json'],
  'too-deep': ['lax', 57, 'The claims are nested deeper than any claim has to be.', 'limits'],
  'too-many-members': ['lax', 58, 'There are more claims than any token has to have.', 'limits'],
  'number-for-subject': ['lax', 59, '`sub` is the number -0.', 'subject', '^sub'],
  'infinite-number': ['misused', 59, 'A date is a number that becomes infinite.', 'exp'],
  'too-large': ['lax', 60, 'It is too large.', 'limits'],
  'der-signature': ['lax', 61, 'The signature is in DER, not in the form of RFC 7518.', 'signature'],
  'psychic-signature': [
    'forged',
    62,
    'Its r and s are numbers that a careless verifier takes for any message.',
    'signature',
  ],
  'signature-length': ['lax', 63, 'The signature is a byte too long or too short.', 'signature'],
  'signature-leading-zero': ['lax', 66, 'The signature begins with a zero that does not belong to it.', 'signature'],
  'signature-plus-order': ['lax', 67, 'S of the signature is not below the order of the group.', 'signature'],
  'wrong-signature': ['forged', 68, 'The signature is cut off, made up, or stands twice.', 'signature'],
  'flipped-bit': ['forged', 69, 'One bit of the signature is wrong.', 'signature'],
  'swapped-signature': ['forged', 70, 'The signature is that of another token.', 'signature'],
  'missing-exp': ['misused', 76, 'It never expires.', 'exp', 'missing'],
  'unreadable-exp': ['misused', 76, '`exp` is no number.', 'exp'],
  expired: ['misused', 77, 'It has expired.', 'exp'],
  'far-exp': ['misused', 78, 'It expires in the distant future.', 'exp'],
  'future-nbf': ['misused', 79, 'It is not valid yet.', 'dates', 'future'],
  'unreadable-nbf': ['lax', 79, '`nbf` is no number.', 'dates'],
  'future-iat': ['misused', 80, 'It was issued in the future.', 'dates', 'future'],
  'unreadable-iat': ['lax', 80, '`iat` is no number.', 'dates'],
  'missing-issuer': ['misused', 82, 'It does not say who issued it.', 'issuer', 'missing'],
  'wrong-issuer': ['misused', 82, 'Another issuer made it, or one of nearly the same name.', 'issuer'],
  'missing-audience': ['misused', 84, 'It does not say whom it is for.', 'audience', 'missing'],
  'wrong-audience': ['misused', 84, 'It is for another service.', 'audience', 'another|continued|\\[]$'],
  'unreadable-audience': ['misused', 84, '`aud` is neither a text nor a list of texts.', 'audience'],
  'audience-of-others': ['misused', 99, 'It is for two other services of the same issuer.', 'audience'],
  'missing-subject': ['lax', 85, 'It does not say whom it stands for.', 'subject', 'missing'],
  'unreadable-subject': ['lax', 85, '`sub` is no text, or one that no user has.', 'subject'],
  'missing-jti': ['lax', 86, 'It has no `jti`, so it cannot be told from others.', 'subject', 'jti missing'],
  'unreadable-jti': ['lax', 86, '`jti` or `sid` is no text.', 'subject'],
  'refresh-as-access': ['misused', 94, 'It is a refresh token.', 'type'],
  'other-typ': [
    'misused',
    95,
    'It is another kind of token that the issuer signs: an ID token, a logout token, a proof.',
    'type',
  ],
  'mail-link': ['misused', 96, 'It is what a link in a mail or a login under way carries.', 'type'],
  'wrong-typ': ['misused', 97, 'It does not say that it is an access token.', 'type'],
  'second-factor-pending': ['misused', 106, 'It is of a login that waits for its second factor.', 'type'],
  'sender-bound': ['misused', 104, 'It is bound to a key of its owner, and nobody asked for the proof.', 'bound'],
  revoked: ['misused', 101, 'Its session was ended before.', 'alive'],
  'disabled-user': ['misused', 102, 'Its user was disabled since.', 'alive'],
  'old-permissions': ['misused', 103, 'Permissions of its user were taken since.', 'alive'],
  'two-headers': ['lax', 182, 'The request has two `Authorization` headers, and one of them is good.', 'one'],
  'two-cookies': ['lax', 165, 'The request has two cookies of one name, and one of them is good.', 'one'],
  'header-and-cookie': ['lax', 169, 'The request has a good token in the header and a good one in a cookie.', 'one'],
} as const

/** The name of what is wrong with a token, or with how a request carries it. */
export type DefectClass = keyof typeof ROWS

/**
 * What it takes to have such a token. `forged`: nothing, anybody makes one. `misused`: a genuine one that was for something else, or for
 * another time. `lax`: a genuine one in a form that two parts of a service may read differently.
 */
export type Danger = 'forged' | 'misused' | 'lax'

/** What can be wrong with a token. */
export interface DefectClassInfo {
  readonly danger: Danger
  /** The case of the security catalogue that it belongs to. */
  readonly case: number
  /** What it is, in one sentence. */
  readonly meaning: string
  /** What a service that lets it in has to do. */
  readonly advice: string
}

type Row = readonly [danger: Danger, number: number, meaning: string, advice: keyof typeof ADVICE, entries?: string]

const all = Object.entries<Row>(ROWS)

/**
 * Everything that `defects()` and `attack()` try, by name.
 *
 * @example
 * ```ts
 * import { defectClasses } from 'latchkey/testing'
 * console.log(defectClasses['missing-audience'].meaning) // It does not say whom it is for.
 * ```
 */
export const defectClasses: Readonly<Record<DefectClass, DefectClassInfo>> = Object.fromEntries(
  all.map(([name, [danger, number, meaning, advice]]) => [
    name,
    { danger, case: number, meaning, advice: ADVICE[advice] },
  ]),
) as Record<DefectClass, DefectClassInfo>

/** The class of an entry, by its case and its name. */
export function classOf(number: number, name: string): DefectClass | undefined {
  const found = all.find(([, row]) => row[1] === number && (row[4] === undefined || new RegExp(row[4]).test(name)))
  return found?.[0] as DefectClass | undefined
}
