import { GatewayError } from '../errors.ts';

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

/** Limits of `expires_after[seconds]`: an hour to 30 days (API reference). */
const EXPIRY_MIN_SECONDS = 3_600;
const EXPIRY_MAX_SECONDS = 2_592_000;

/** The optional `expires_after[...]` fields of the form. */
export function readExpiry(fields: ReadonlyMap<string, string>): { anchor: string; seconds: number } | undefined {
  const text = fields.get('expires_after[seconds]');
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < EXPIRY_MIN_SECONDS || seconds > EXPIRY_MAX_SECONDS) {
    throw new GatewayError(
      'invalid_value',
      `expires_after[seconds] must be between ${EXPIRY_MIN_SECONDS} and ${EXPIRY_MAX_SECONDS}.`,
      {
        param: 'expires_after[seconds]',
      },
    );
  }
  return { anchor: fields.get('expires_after[anchor]') ?? 'created_at', seconds };
}
