/** Only another configuration of the proxy, or of its container, helps. The message says which. */
export class WrongConfiguration extends Error {}
