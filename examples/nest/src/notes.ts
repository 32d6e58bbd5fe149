/** The notes of the board: everybody reads, members write, moderators delete. */
import { Body, Controller, Delete, Get, HttpCode, NotFoundException, Param, ParseIntPipe, Post } from '@nestjs/common'
import type { Account } from 'latchkey'
import { Auth, CurrentUser, Public } from 'latchkey/nest'

@Controller('notes')
export class NotesController {
  private readonly notes = new Map<number, { id: number; by: string; text: string }>()
  private last = 0

  @Public()
  @Get()
  list(@CurrentUser() reader: Account | undefined) {
    return { reader: reader?.username ?? null, notes: [...this.notes.values()] }
  }

  @Post()
  write(@CurrentUser() { username }: Account, @Body('text') text: unknown) {
    const note = { id: ++this.last, by: username, text: String(text) }
    this.notes.set(note.id, note)
    return note
  }

  @Auth('notes:delete')
  @Delete(':id')
  @HttpCode(204)
  delete(@Param('id', ParseIntPipe) id: number) {
    if (!this.notes.delete(id)) throw new NotFoundException()
  }
}
