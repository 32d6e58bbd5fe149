/** The door `latchkey/testing`: what tests of an application, of a store or of a guard can use. Not for production. */
export { type ConformanceCase, type StoreUnderTest, storeConformance } from '../stores/conformance.js'
export {
  type Defect,
  type DefectClass,
  type DefectClassInfo,
  type DefectContext,
  defectClasses,
  defects,
} from './defects.js'
