import { request, type RequestOptions } from 'node:https';

export interface HttpAnswer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Gets it over a connection of its own, by the certificates in the options. */
export function httpsGet(url: string, options: RequestOptions): Promise<HttpAnswer> {
  return new Promise((done, failed) => {
    const asked = request(url, { agent: false, ...options }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += text));
      answer.on('end', () => done({ status: answer.statusCode, body }));
    });
    asked.on('error', failed).end();
  });
}
