/** One defective token by the name of what is wrong with it, ready to be sent. */
import { callerOf, type TestCaller } from './caller.js'
import type { Carried } from './carrying.js'
import type { Defect, DefectClass } from './defects.js'

/** What can be wrong with a token itself. */
export type TokenDefect = Exclude<DefectClass, 'two-headers' | 'two-cookies' | 'header-and-cookie'>

/** Somebody with a defective token, and the codes that are right for it. */
export interface Defective
  extends Pick<Defect, 'name' | 'case' | 'meaning' | 'codes' | 'reason'>,
    Pick<TestCaller, 'token' | 'headers' | 'cookieHeaders' | 'request'> {}

/** The first of a class that can be sent. Throws a TypeError where there is none. */
export function pick(name: TokenDefect, all: readonly Defect[], ways: readonly Carried[]): Defective {
  const found = all.find((one) => one.class === name && one.sendable)
  if (!found) throw new TypeError(`there is no token of the class ${name} for this key that a header can carry`)
  const { token, headers, cookieHeaders, request } = callerOf({
    subject: '',
    token: found.token as string,
    ways,
    refreshToken: undefined,
    sessionId: undefined,
  })
  const { name: title, case: number, meaning, codes, reason } = found
  return Object.freeze({ name: title, case: number, meaning, codes, reason, token, headers, cookieHeaders, request })
}
