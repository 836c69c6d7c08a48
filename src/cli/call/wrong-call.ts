/** The call itself is wrong, as against an input that fails. The message is for people. */
export class WrongCall extends Error {}
