/** Koa 2 and 3 keep the promises of every adapter. */
import koa from 'koa'
import koa2 from 'koa2'
import { conformance } from './conformance.js'
import { makeWith } from './frameworks/koa.js'

conformance('Koa 3', makeWith(koa))
conformance('Koa 2', makeWith(koa2))
