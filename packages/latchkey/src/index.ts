/** The front door: what most applications import. */
export { AuthError, type ErrorCode } from './errors.js'
