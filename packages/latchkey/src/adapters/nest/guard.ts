/** The guard of NestJS: it finds out who calls, and asks what the marks want. */
import type { CanActivate } from '@nestjs/common'
import { headOfNode } from '../../transport/head.js'
import { admit, type Guarding, identify, refuse } from '../guarding.js'
import { guardsOf } from './marks.js'
import { placeOf } from './place.js'

/** What a guard may be told. */
export interface NestOptions {
  /** Whether what carries no mark is open. Default: it takes a caller who is signed in. */
  readonly open?: boolean
}

/**
 * A guard for `@UseGuards`, where not one auth is for everything. The module has one for the whole application.
 *
 * @example
 * ```ts
 * import { Controller, UseGuards } from '@nestjs/common'
 * import { createAuth } from 'latchkey'
 * import { authGuard } from 'latchkey/nest'
 * const staff = createAuth({ issuer: 'https://staff.example.com', database: 'sqlite:staff.db', secret: process.env.STAFF_SECRET ?? '' })
 * const StaffController = class {}
 * Controller('staff')(StaffController)
 * UseGuards(authGuard(staff))(StaffController)
 * ```
 */
export function authGuard(auth: Guarding, { open = false }: NestOptions = {}): CanActivate {
  return {
    async canActivate(context) {
      const { carrier, request, isLasting, setCookies } = placeOf(context)
      await identify(auth, carrier, headOfNode(request), request.socket, setCookies, {}, isLasting)
      try {
        for (const guard of guardsOf(context, open)) await admit(carrier, request.method, guard, auth)
        return true
      } catch (error) {
        throw await placeOf(context).refusal(error, refuse(carrier, request.method, error, auth))
      }
    },
  }
}
