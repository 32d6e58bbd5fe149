/** Before every page and route: an expired token is refreshed here, once, for the answer and for what is rendered. */
import { refresh } from 'latchkey/next'
import { NextResponse } from 'next/server'
import { auth } from './auth'

export const proxy = refresh(auth, NextResponse)

export const config = { matcher: '/((?!_next/|auth/).*)' }
