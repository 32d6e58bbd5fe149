/** What a presented refresh token means for its session: pure, without clock or store. */
import type { FoundSession } from '../stores/port.js'

/** `rotate`: the good one · `grace`: its predecessor, a moment ago · `reused`: an older one · `rewound`: one from a future that the database forgot. */
export type Verdict = 'rotate' | 'grace' | 'reused' | 'rewound' | 'revoked' | 'expired'

/** A store's clock may step back a little between two reads; more than this is no retry. */
const BACKWARDS_SECONDS = 2

/** Decides over an authentic refresh token of this generation; `graceSeconds` counts by the store's clock. */
export function decide({ session, dead, now }: FoundSession, generation: number, graceSeconds: number): Verdict {
  if (session.endedAt !== null || dead) return 'revoked'
  if (session.expiresAt <= now || session.lastSeenAt + session.idleSeconds <= now) return 'expired'
  if (generation > session.generation) return 'rewound'
  if (generation === session.generation) return 'rotate'
  const age = now - session.rotatedAt
  const justReplaced = generation === session.generation - 1 && age >= -BACKWARDS_SECONDS && age <= graceSeconds
  return justReplaced ? 'grace' : 'reused'
}
