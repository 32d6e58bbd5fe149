/** What is found out about a document once, however often it comes: that it is within the limits, and whom its operations ask. */
import type { DocumentNode } from 'graphql'
import { checkDocument, type Limits } from './limits.js'
import { createNeeds, type Needs } from './needs.js'

export interface Admission {
  /** Whether it asks for the schema. */
  readonly introspects: boolean
  readonly needs: Needs
}

/** Servers keep the documents that come again. Throws `request_invalid` for the first limit that one exceeds. */
export function createAdmissions(
  limits: Limits,
  credentialChecks: readonly string[],
): (document: DocumentNode) => Admission {
  const known = new WeakMap<DocumentNode, Admission>()
  return (document) => known.get(document) ?? admit(document)

  function admit(document: DocumentNode): Admission {
    const { introspects } = checkDocument(document, limits, credentialChecks)
    const admission: Admission = { introspects, needs: createNeeds() }
    known.set(document, admission)
    return admission
  }
}
