/** Express 4 and 5 keep the promises of every adapter. */
import express from 'express'
import express4 from 'express4'
import { conformance } from './conformance.js'
import { makeWith } from './frameworks/express.js'

conformance('Express 5', makeWith(express))
conformance('Express 4', makeWith(express4))
