/** Fastify keeps the promises of every adapter. */
import { conformance } from './conformance.js'
import { make } from './frameworks/fastify.js'

conformance('Fastify 5', make)
