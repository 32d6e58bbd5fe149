/** NestJS 11 and 12 keep the promises of every adapter: the tests of NestJS run with either, as a project of vitest says. */
import core from '@nestjs/core/package.json' with { type: 'json' }
import { conformance } from './conformance.js'
import { make } from './frameworks/nest.js'

conformance(`NestJS ${Number.parseInt(core.version, 10)}`, make)
