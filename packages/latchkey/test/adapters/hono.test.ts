/** Hono keeps the promises of every adapter. */
import { conformance } from './conformance.js'
import { make } from './frameworks/hono.js'

conformance('Hono', make)
