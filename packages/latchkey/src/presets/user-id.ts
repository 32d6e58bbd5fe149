/** Ids of users as Django's tokens have them: numbers, where they are some. */

/** The number that an id is the text of, and the text itself where it is none that a number can hold. */
export function asNumber(id: string): string | number {
  return /^(0|[1-9]\d{0,15})$/.test(id) && Number.isSafeInteger(Number(id)) ? Number(id) : id
}
