/** As much of an auth as strangers need: everybody is one. */
export const nobody = {
  authenticate: async () => ({}),
  peer: () => ({ address: undefined }),
  reject: () => ({ status: 401, headers: {} }),
} as never
