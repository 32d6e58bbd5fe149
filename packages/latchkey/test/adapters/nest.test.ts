/** NestJS keeps the promises of every adapter. */
import { conformance } from './conformance.js'
import { make } from './frameworks/nest.js'

conformance('NestJS 11', make)
