/** As much of jsonwebtoken as is attacked here. */
declare module 'jsonwebtoken' {
  const jsonwebtoken: {
    verify(token: string, key: string, options?: object): object
    decode(token: string): object | null
  }
  export default jsonwebtoken
}
