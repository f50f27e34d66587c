import { HealthModule } from '@pondpilot/health';
import { OrchestratorModule } from './engines/orchestrator.module.js';

/** One module for all that import it: Nest tells dynamic modules apart by reference. */
export const healthModule = HealthModule.forRoot({ imports: [OrchestratorModule] });
