import { Controller, Get, Header, HttpStatus, Res } from '@nestjs/common';
import { HealthService, type DetailedAnswer, type ReadyAnswer } from './health.service.js';

/** As much of a response as is needed to set its status, whatever the HTTP server. */
interface StatusSetter {
  status(code: number): unknown;
}

@Controller()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('health')
  @Header('Cache-Control', 'no-store')
  live(): { status: 'healthy' } {
    return { status: 'healthy' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  async ready(@Res({ passthrough: true }) response: StatusSetter): Promise<ReadyAnswer> {
    const answer = await this.health.ready();
    response.status(answer.ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return answer;
  }

  @Get('health/detailed')
  @Header('Cache-Control', 'no-store')
  detailed(): Promise<DetailedAnswer> {
    return this.health.detailed();
  }
}
