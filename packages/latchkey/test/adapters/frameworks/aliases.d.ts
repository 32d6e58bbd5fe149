/** Older versions under names of their own; the types of the present ones stand for them. */
declare module 'express4' {
  export { default } from 'express'
}
declare module 'koa2' {
  export { default } from 'koa'
}
