/** The door `latchkey/testing`: what tests of an application, of a store or of a guard can use. Not for production. */
export { type ConformanceCase, type StoreUnderTest, storeConformance } from '../stores/conformance.js'
export type { Attack, AttackOptions } from './attack/attack.js'
export type { AttackReport, Attempt, Finding, Untested } from './attack/report.js'
export type { AttackRoute } from './attack/route.js'
export type { ApplicationShape, AttackTarget, FetchHandler, NodeListener } from './attack/target.js'
export type { AttackAnswer } from './attack/wire.js'
export type { TestCaller } from './caller.js'
export type { GraphqlCaller } from './callers.js'
export { type TestClock, testClock } from './clock.js'
export type { Defective, TokenDefect } from './defective.js'
export {
  type Danger,
  type Defect,
  type DefectClass,
  type DefectClassInfo,
  type DefectContext,
  defectClasses,
  defects,
} from './defects.js'
export { type FakeIssuer, type FakeIssuerOptions, fakeIssuer, type IssuedPerson } from './fake-issuer.js'
export type { TestPerson } from './person.js'
export { type TestAuth, type TestAuthOptions, type TestAuthSettings, testAuth } from './test-auth.js'
