/** What a guard of NestJS throws at a route. */
import { HttpException } from '@nestjs/common'
import type { Rejection } from '../../endpoints/surface.js'

/**
 * What a guard throws at a route, for exception filters: its `cause` is the AuthError. The headers of the refusal stand in the response
 * by then, the challenge among them.
 */
export class Refusal extends HttpException {
  /** The answer as Latchkey gives it. */
  readonly text: string

  constructor({ status, body }: Rejection, cause: unknown) {
    super(JSON.parse(body), status, { cause })
    this.text = body
  }
}
