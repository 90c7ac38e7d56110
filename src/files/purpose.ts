import { GatewayError } from '../errors.ts';
import { FILE_EXPIRY_MAX_SECONDS, FILE_EXPIRY_MIN_SECONDS } from '../platform/limits.ts';

/** Purposes of the API that callers may send. */
const PURPOSES = new Set(['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals']);

/** What the service is told: Azure refuses `user_data` for PDFs and takes no `vision` files; `assistants` serves for both. */
export function servicePurpose(purpose: string): string {
  if (!PURPOSES.has(purpose)) {
    throw new GatewayError('invalid_value', `'${purpose}' is not one of ${[...PURPOSES].join(', ')}.`, {
      param: 'purpose',
    });
  }
  return purpose === 'user_data' || purpose === 'vision' ? 'assistants' : purpose;
}

/** The optional `expires_after[...]` fields of the form. */
export function readExpiry(fields: ReadonlyMap<string, string>): { anchor: string; seconds: number } | undefined {
  const text = fields.get('expires_after[seconds]');
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < FILE_EXPIRY_MIN_SECONDS || seconds > FILE_EXPIRY_MAX_SECONDS) {
    throw new GatewayError(
      'invalid_value',
      `expires_after[seconds] must be between ${FILE_EXPIRY_MIN_SECONDS} and ${FILE_EXPIRY_MAX_SECONDS}.`,
      {
        param: 'expires_after[seconds]',
      },
    );
  }
  return { anchor: fields.get('expires_after[anchor]') ?? 'created_at', seconds };
}
