/** The table of an application that was there before: its own names, its own ids, its own idea of who may come in. */
import { hash } from '@node-rs/argon2'
import { DatabaseSync } from '@photostructure/sqlite'

export interface MemberRow {
  readonly member_no: number
  readonly nick: string
  readonly mail: string
  /** An argon2 hash. */
  readonly pw: string
  readonly is_blocked: 0 | 1
  /** `editor,admin`. */
  readonly roles: string
}

type NewMember = Omit<MemberRow, 'member_no' | 'pw'> & { readonly password: string }

export interface Members {
  byNumber(number: number): MemberRow | undefined
  byNickOrMail(text: string): MemberRow | undefined
  setPassword(number: number, pw: string, expected: string): boolean
  add(member: NewMember): Promise<void>
  close(): void
}

const COLUMNS = `member_no INTEGER PRIMARY KEY, nick TEXT NOT NULL UNIQUE, mail TEXT NOT NULL UNIQUE, pw TEXT NOT NULL,
  is_blocked INTEGER NOT NULL, roles TEXT NOT NULL`

export function openMembers(path: string): Members {
  const database = new DatabaseSync(path)
  database.exec(`CREATE TABLE IF NOT EXISTS members (${COLUMNS})`)
  const byNumber = database.prepare('SELECT * FROM members WHERE member_no = ?')
  const byText = database.prepare('SELECT * FROM members WHERE ? IN (nick, mail)')
  const setPassword = database.prepare('UPDATE members SET pw = ? WHERE member_no = ? AND pw = ?')
  const add = database.prepare(
    'INSERT OR IGNORE INTO members (nick, mail, pw, is_blocked, roles) VALUES (?, ?, ?, ?, ?)',
  )
  return {
    byNumber: (number) => byNumber.get(number) as MemberRow | undefined,
    byNickOrMail: (text) => byText.get(text) as MemberRow | undefined,
    setPassword: (number, pw, expected) => setPassword.run(pw, number, expected).changes === 1,
    add: async ({ nick, mail, password, is_blocked, roles }) => {
      add.run(nick, mail, await hash(password), is_blocked, roles)
    },
    close: () => database.close(),
  }
}
