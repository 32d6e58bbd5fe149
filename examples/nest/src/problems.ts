/** How errors look to whoever calls the board; the challenge of a refusal stands in the headers by then. */
import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common'
import type { Response } from 'express'
import { AuthError } from 'latchkey'
import { Refusal } from 'latchkey/nest'

@Catch(Refusal, NotFoundException)
export class Problems implements ExceptionFilter<Refusal | NotFoundException> {
  catch(exception: Refusal | NotFoundException, host: ArgumentsHost) {
    const problem = exception.cause instanceof AuthError ? exception.cause.code : 'not_found'
    host.switchToHttp().getResponse<Response>().status(exception.getStatus()).json({ problem })
  }
}
