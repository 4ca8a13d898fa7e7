/** The ways a request can fail, as values a person can act on. http/problem.ts maps them to statuses, once. */

/** The six codes a feature answers with, and the four that belong to the edge (size, type, pace, a part that is away). */
export type ErrorCode =
  | "invalid"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "internal"
  | "too_large"
  | "unsupported"
  | "rate_limited"
  | "unavailable";

/** One bad field: its name as the caller wrote it (`pairs[0].country`) and what would be accepted. */
export interface FieldError {
  field: string;
  message: string;
}

export interface ErrorDetails {
  /** Bad fields, for `invalid`. */
  errors?: FieldError[];
  /** A machine-readable reason below the code: `high_priority`, `paused`. */
  reason?: string;
  /** For `rate_limited` and `unavailable`: when to come back. */
  retryAfterMs?: number;
}

/** An error with a code and a sentence that says how to mend it. Anything else that is thrown is a bug and reads `internal`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = "AppError";
    this.code = code;
    this.details = details;
  }
}

/** Several bad fields, or one sentence about the whole. */
export function invalid(message: string, errors: FieldError[] = []): AppError {
  return new AppError("invalid", message, { errors });
}

export function notFound(what: string): AppError {
  return new AppError("not_found", `${what} does not exist`);
}

export function conflict(message: string, reason?: string): AppError {
  return new AppError("conflict", message, reason === undefined ? {} : { reason });
}

export function forbidden(message: string): AppError {
  return new AppError("forbidden", message);
}

export function unavailable(message: string, retryAfterMs = 1000): AppError {
  return new AppError("unavailable", message, { retryAfterMs });
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
