/** `node:http` keeps the promises of every adapter. */
import { conformance } from './conformance.js'
import { make } from './frameworks/node.js'

conformance('node:http', make)
