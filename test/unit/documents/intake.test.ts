import { describe, expect, it } from 'vitest';
import { readBlobReference } from '../../../src/documents/blob-reference.ts';
import { documentKey, isDocumentKey } from '../../../src/documents/entry.ts';
import { readPoisonMessage } from '../../../src/documents/poison.ts';
import { quoted } from '../../../src/documents/source.ts';

describe('the key of a document', () => {
  const source = { container: 'pdfs', name: 'a/b.pdf', etag: '"0x1"' };

  it('is the same for the same content, and another one for another', () => {
    expect(documentKey(source)).toBe(documentKey({ ...source }));
    expect(documentKey(source)).not.toBe(documentKey({ ...source, etag: '"0x2"' }));
    expect(isDocumentKey(documentKey(source))).toBe(true);
  });

  it('cannot be forged by moving a separator', () => {
    expect(documentKey({ container: 'pdfs', name: 'a', etag: 'b"0x1"' })).not.toBe(
      documentKey({ container: 'pdfs', name: 'ab', etag: '"0x1"' }),
    );
  });
});

describe('the reference that the host sends', () => {
  it('is read as container and name, whatever is in the name', () => {
    const content = JSON.stringify({ Connection: 'DataStorage', ContainerName: 'pdfs', BlobName: 'Ü 100% #1?.pdf' });
    expect(readBlobReference(Buffer.from(content))).toEqual({ container: 'pdfs', name: 'Ü 100% #1?.pdf' });
  });

  it('is refused when it is none', () => {
    expect(() => readBlobReference(Buffer.from('{"BlobName":1}'))).toThrow();
    expect(() => readBlobReference(null)).toThrow('without content');
  });
});

describe('a message of the poison queue', () => {
  const message = { Type: 'BlobTrigger', ContainerName: 'pdfs', BlobName: 'a.pdf', ETag: '"0x1"' };

  it('names a blob, as text or as an object', () => {
    const blob = { container: 'pdfs', name: 'a.pdf', etag: '"0x1"' };
    expect(readPoisonMessage(message)).toEqual(blob);
    expect(readPoisonMessage(JSON.stringify(message))).toEqual(blob);
  });

  it('is passed over when it is none of the host', () => {
    expect(readPoisonMessage('hello')).toBeUndefined();
    expect(readPoisonMessage({ ContainerName: 'pdfs' })).toBeUndefined();
  });
});

describe('an ETag', () => {
  it('is written with its quotes, which lists leave out', () => {
    expect(quoted('0x1')).toBe('"0x1"');
    expect(quoted('"0x1"')).toBe('"0x1"');
  });
});
