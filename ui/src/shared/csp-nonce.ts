/** The nonce with which this page may add style sheets; the server writes a new one into each page. */
export const cspNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

// Where libraries that add style sheets by themselves look for it.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = cspNonce;
