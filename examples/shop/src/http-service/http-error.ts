/** An error whose message is sent to the caller, with the status of the response. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

export class InvalidInputError extends HttpError {
  constructor(message: string) {
    super(400, message);
  }
}
