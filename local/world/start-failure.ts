/** Why the world cannot start, as one sentence that says what to do. Anything else that is thrown is a defect of ours. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}
