/**
 * A rough model of request units, good for seeing which of two designs is dearer, not for a bill.
 * Source: "Request units in Azure Cosmos DB": a point read of 1 KB costs 1, a write of 1 KB about 5.
 */
const kilobytes = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

export const readCharge = (body: string | undefined): number => 0.9 + 0.1 * kilobytes(body?.length ?? 0);

export const writeCharge = (body: string | undefined): number => 5 + 0.7 * (kilobytes(body?.length ?? 0) - 1);

export const queryCharge = (scanned: number, bytes: number): number => 2.3 + 0.03 * scanned + 0.1 * kilobytes(bytes);
