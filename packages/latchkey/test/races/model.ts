/** What sessions are, in thirty lines without tokens, stores or processes: the whole promise of refresh, to compare with. */

export const GRACE = 10
export const IDLE = 86_400
export const ABSOLUTE = 3 * 86_400

interface ModelSession {
  readonly user: number
  readonly startedAt: number
  generation: number
  rotatedAt: number
  ended: boolean
}

export class Model {
  now = 0
  readonly users = [
    { active: true, password: 0 },
    { active: true, password: 0 },
  ]
  readonly sessions: ModelSession[] = []

  login(user: number, password: number): string {
    const found = this.users[user]
    if (!found?.active || found.password !== password) return 'login_failed'
    this.sessions.push({ user, startedAt: this.now, generation: 0, rotatedAt: this.now, ended: false })
    return 'ok'
  }

  /** `back`: 0 presents the current token, 1 its predecessor, and so on. */
  refresh(session: ModelSession, back: number): string {
    if (session.ended) return 'session_revoked'
    if (this.now >= session.startedAt + ABSOLUTE || this.now >= session.rotatedAt + IDLE) return 'refresh_expired'
    if (back > 1 || (back === 1 && this.now > session.rotatedAt + GRACE)) {
      session.ended = true
      return 'refresh_reused'
    }
    if (back === 0) Object.assign(session, { generation: session.generation + 1, rotatedAt: this.now })
    return 'ok'
  }

  endAll(user: number, spare?: ModelSession): void {
    for (const session of this.sessions) if (session.user === user && session !== spare) session.ended = true
  }
}
