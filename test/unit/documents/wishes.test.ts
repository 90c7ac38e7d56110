import { describe, expect, it } from 'vitest';
import { DocumentFailure } from '../../../src/documents/failures.ts';
import { faultOfSchema } from '../../../src/documents/reading/schema-check.ts';
import { createReadWishes, foldersUp, isSteeringFile, isStrict, type Wishes } from '../../../src/documents/wishes.ts';

/** The container as it is: names and texts. */
function wishesOf(files: Record<string, string>, name: string, metadata: Record<string, string> = {}): Promise<Wishes> {
  const readWishes = createReadWishes({
    shelf: { text: (file) => Promise.resolve(files[file]) },
    checkSchema: (schema) => {
      const fault = faultOfSchema(schema);
      return fault === undefined
        ? Promise.resolve()
        : Promise.reject(new DocumentFailure('invalid_schema', `The schema cannot be used: ${fault}.`));
    },
    defaultModel: 'gpt-4.1',
  });
  return readWishes(name, metadata);
}

const failureOf = (wishes: Promise<Wishes>): Promise<DocumentFailure> =>
  wishes.then(
    () => Promise.reject(new Error('It was accepted.')),
    (error: unknown) => (error instanceof DocumentFailure ? error : Promise.reject(error as Error)),
  );

const closed = {
  type: 'object',
  properties: { sum: { type: 'number' } },
  required: ['sum'],
  additionalProperties: false,
};

describe('the prompt', () => {
  it('is the default, with its version, when nobody says anything', async () => {
    const { prompt, promptSource, model } = await wishesOf({}, 'a.pdf');
    expect(prompt).toContain('Analyse the attached document');
    expect(promptSource).toBe('default-1');
    expect(model).toBe('gpt-4.1');
  });

  it('is the nearest one up the folders', async () => {
    const files = { '_prompt.md': 'Top', 'a/_prompt.md': '\uFEFFMiddle\n', 'a/b/_schema.json': '' };
    expect(await wishesOf(files, 'a/b/c.pdf')).toMatchObject({ prompt: 'Middle', promptSource: 'a/_prompt.md' });
    expect(await wishesOf(files, 'z/c.pdf')).toMatchObject({ prompt: 'Top', promptSource: '_prompt.md' });
  });

  it('is passed over when its file is empty', async () => {
    expect(await wishesOf({ 'a/_prompt.md': ' \n', '_prompt.md': 'Top' }, 'a/c.pdf')).toMatchObject({ prompt: 'Top' });
  });

  it('comes from the metadata before any file, plain or in base64', async () => {
    const files = { '_prompt.md': 'Top' };
    expect(await wishesOf(files, 'c.pdf', { Prompt: 'Mine' })).toMatchObject({
      prompt: 'Mine',
      promptSource: 'metadata',
    });
    const encoded = Buffer.from('Größe?', 'utf8').toString('base64url');
    expect(await wishesOf(files, 'c.pdf', { promptb64: encoded })).toMatchObject({ prompt: 'Größe?' });
  });

  it('has a hash that tells two prompts apart', async () => {
    const [one, two] = await Promise.all([
      wishesOf({}, 'a.pdf', { prompt: 'A' }),
      wishesOf({}, 'a.pdf', { prompt: 'B' }),
    ]);
    expect(one.promptSha256).not.toBe(two.promptSha256);
  });
});

describe('the model', () => {
  it('is named for a folder or for one file', async () => {
    expect(await wishesOf({ 'a/_model.txt': 'gpt-4.1-mini\n' }, 'a/b/c.pdf')).toMatchObject({ model: 'gpt-4.1-mini' });
    expect(await wishesOf({ '_model.txt': 'x' }, 'c.pdf', { model: 'o3' })).toMatchObject({ model: 'o3' });
  });
});

describe('the schema', () => {
  it('makes the answer structured, strictly where the service allows it', async () => {
    const { format } = await wishesOf({ '_schema.json': JSON.stringify(closed) }, 'c.pdf');
    expect(format).toEqual({ type: 'json_schema', name: 'analysis', schema: closed, strict: true });
    const open = { type: 'object', properties: { sum: { type: 'number' } } };
    expect((await wishesOf({ '_schema.json': JSON.stringify(open) }, 'c.pdf')).format).toMatchObject({ strict: false });
  });

  it("may come in the API's wrapping", async () => {
    const wrapped = { name: 'invoice', schema: closed, strict: false };
    const { format } = await wishesOf({}, 'c.pdf', { schema: JSON.stringify(wrapped) });
    expect(format).toEqual({ type: 'json_schema', name: 'invoice', schema: closed, strict: false });
  });

  it.each([
    ['{"type":"object"', 'not valid JSON'],
    ['[]', 'no JSON object'],
    ['{"type":"array"}', 'its root must be'],
    ['{"type":"object","properties":{"a":{"type":"nummber"}}}', 'cannot be used'],
    ['{"type":"object","properties":{"a":{"$ref":"#/$defs/none"}}}', 'cannot be used'],
  ])('is refused with the reason when it is broken: %s', async (text, says) => {
    const { reason, message } = await failureOf(wishesOf({ 'a/_schema.json': text }, 'a/c.pdf'));
    expect(reason).toBe('invalid_schema');
    expect(message).toContain(says);
    expect(message).toContain('a/_schema.json');
  });

  it('is not strict while any object in it is open', () => {
    expect(isStrict(closed)).toBe(true);
    expect(isStrict({ ...closed, properties: { sum: { type: 'object', properties: {} } } })).toBe(false);
    expect(isStrict({ ...closed, required: [] })).toBe(false);
  });
});

describe('names', () => {
  it('give the folders from the nearest up', () => {
    expect(foldersUp('a/b/c.pdf')).toEqual(['a/b/', 'a/', '']);
    expect(foldersUp('c.pdf')).toEqual(['']);
  });

  it('of steering files are no documents', () => {
    expect(['_prompt.md', 'a/_schema.json', 'a/b/_model.txt'].every(isSteeringFile)).toBe(true);
    expect(['prompt.md', '_prompt.md.pdf', '_prompt.md/a.pdf'].some(isSteeringFile)).toBe(false);
  });
});
