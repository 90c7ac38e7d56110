import { ErrorResponse } from '@azure/cosmos';

/** The status of an operation, whether it succeeds or is refused. */
export async function statusOf(operation: Promise<object>): Promise<number> {
  try {
    const answer = await operation;
    return 'statusCode' in answer && typeof answer.statusCode === 'number' ? answer.statusCode : 200;
  } catch (error) {
    if (error instanceof ErrorResponse && typeof error.code === 'number') return error.code;
    throw error;
  }
}
