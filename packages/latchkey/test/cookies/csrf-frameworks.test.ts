/** The decision table of requests with cookies, over the own routes of applications: one line for each framework. */
import express from 'express'
import express4 from 'express4'
import koa from 'koa'
import koa2 from 'koa2'
import * as forExpress from '../adapters/frameworks/express.js'
import * as forFastify from '../adapters/frameworks/fastify.js'
import * as forHono from '../adapters/frameworks/hono.js'
import * as forKoa from '../adapters/frameworks/koa.js'
import * as forNest from '../adapters/frameworks/nest.js'
import * as forNode from '../adapters/frameworks/node.js'
import { passesTheTable } from './csrf-table.js'

passesTheTable('node:http', forNode.make)
passesTheTable('Express 5', forExpress.makeWith(express))
passesTheTable('Express 4', forExpress.makeWith(express4))
passesTheTable('Fastify 5', forFastify.make)
passesTheTable('Hono', forHono.make)
passesTheTable('Koa 3', forKoa.makeWith(koa))
passesTheTable('Koa 2', forKoa.makeWith(koa2))
passesTheTable('NestJS 11', forNest.make)
