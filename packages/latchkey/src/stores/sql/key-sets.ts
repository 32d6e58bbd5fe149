/** The last good keys of other issuers in SQL. */
import type { KeySetStore } from '../port.js'
import type { Database } from './database.js'
import { parameter, statement } from './statement.js'

export function createKeySets(database: Database): KeySetStore {
  const { read } = database
  const found = read.selectFrom('latchkey_key_sets').select(['text', 'at']).where('row', '=', parameter('row'))
  const put = read
    .insertInto('latchkey_key_sets')
    .values({ row: parameter<string>('row'), text: parameter<string>('text'), at: parameter<number>('at') })
    .onConflict((conflict) =>
      conflict
        .column('row')
        .doUpdateSet((eb) => ({ text: eb.ref('excluded.text'), at: eb.ref('excluded.at') }))
        .whereRef('latchkey_key_sets.at', '<=', 'excluded.at'),
    )
  const statements = { found: statement(found), put: statement(put) }
  return {
    async load(row) {
      const [set] = await database.run(statements.found, { row })
      return set && { text: set.text, at: set.at }
    },
    async save(row, text, at) {
      await database.write((trx) => statements.put(trx, { row, text, at }))
    },
  }
}
