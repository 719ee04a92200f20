/** The nonce with which this page may add style sheets; the server writes a new one into each page. */
export const cspNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
